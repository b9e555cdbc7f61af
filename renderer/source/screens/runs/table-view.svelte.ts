import type { ViewDefinition } from '../../../../main/api/contract.ts';
import { createKeptValue } from '../../state/kept-value.ts';
import { usualColumns } from './table-columns.ts';

export const usualView: ViewDefinition = {
  filter: '',
  archived: false,
  sort: null,
  group: null,
  columns: [...usualColumns],
  pinned: ['name'],
  differing: false,
};

export interface TableView {
  readonly definition: ViewDefinition;
  filter: string;
  archived: boolean;
  differing: boolean;
  group: string | null;
  readonly sort: ViewDefinition['sort'];
  /** By this column, or, where it is that already, the other way round. */
  sortBy(column: string): void;
  /** Puts a column at the end, or takes it away. */
  toggleColumn(name: string): void;
  /** A column that somebody is about to write in. */
  showColumn(name: string): void;
  moveColumn(name: string, by: 1 | -1): void;
  togglePinned(name: string): void;
  apply(definition: ViewDefinition): void;
}

const kept = createKeptValue('runs-table');

/** An older program may have kept less. */
const keptView = (): ViewDefinition => {
  const value = kept.read();
  if (typeof value !== 'object' || value === null) return usualView;
  const { columns, pinned } = value as Partial<ViewDefinition>;
  const areNames = (list: unknown): list is string[] =>
    Array.isArray(list) && list.every((name) => typeof name === 'string');
  return areNames(columns) && columns.includes('name') && areNames(pinned)
    ? { ...usualView, columns, pinned }
    : usualView;
};

/** How somebody looks at the table; which columns they want is remembered, what they look for is not. */
export const createTableView = (): TableView => {
  let definition = $state.raw<ViewDefinition>(keptView());
  const change = (changes: Partial<ViewDefinition>): void => {
    definition = { ...definition, ...changes };
    const { columns, pinned } = definition;
    kept.keep({ columns, pinned });
  };

  return {
    get definition() {
      return definition;
    },
    get filter() {
      return definition.filter;
    },
    set filter(filter) {
      change({ filter });
    },
    get archived() {
      return definition.archived;
    },
    set archived(archived) {
      change({ archived });
    },
    get differing() {
      return definition.differing;
    },
    set differing(differing) {
      change({ differing });
    },
    get group() {
      return definition.group;
    },
    set group(group) {
      change({ group });
    },
    get sort() {
      return definition.sort;
    },
    sortBy(column) {
      const { sort } = definition;
      change({ sort: { column, descending: sort?.column === column && !sort.descending } });
    },
    toggleColumn(name) {
      const { columns, pinned } = definition;
      if (!columns.includes(name)) return change({ columns: [...columns, name] });
      change({
        columns: columns.filter((one) => one !== name),
        pinned: pinned.filter((one) => one !== name),
      });
    },
    showColumn(name) {
      if (!definition.columns.includes(name)) change({ columns: [...definition.columns, name] });
    },
    moveColumn(name, by) {
      const columns = [...definition.columns];
      const at = columns.indexOf(name);
      const other = columns[at + by];
      if (other === undefined) return;
      [columns[at], columns[at + by]] = [other, name];
      change({ columns });
    },
    togglePinned(name) {
      const { pinned } = definition;
      change({ pinned: pinned.includes(name) ? pinned.filter((one) => one !== name) : [...pinned, name] });
    },
    apply: (next) => change(next),
  };
};
