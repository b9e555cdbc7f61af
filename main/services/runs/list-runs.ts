import { invalidInput } from '../../engine/errors.ts';
import { fixedRunColumns, runColumn } from '../../store/run-columns.ts';
import type { RunQuery } from '../../store/run-query.ts';
import type { Store } from '../../store/store.ts';
import { runRowSchema } from '../shared/entities.ts';
import type { RunRow } from '../shared/entities.ts';
import type { MethodParamsParsed } from '../shared/methods.ts';
import { listRunColumns } from './list-run-columns.ts';
import { parseRunFilter } from './run-filter.ts';
import type { RunGroup, RunQueryAsked } from './run-table-schema.ts';

const checkColumn = (field: string, name: string): void => {
  const column = runColumn(name, 'checked');
  if (column !== undefined && column.kind !== 'tags') return;
  throw invalidInput(
    `${field}: there is no column "${name}" with one value a run; there are ${fixedRunColumns
      .filter((one) => one !== 'tag')
      .join(', ')}, metrics as validation/loss, and settings as adapter.rank`,
  );
};

/** @throws WorkbenchError `invalid-input` for what a query names that is not there */
const queryOf = ({
  filter = '',
  archived = 'shown',
  ...rest
}: Partial<RunQueryAsked> & { offset?: unknown }): RunQuery => {
  if (rest.sort !== undefined) checkColumn('sort', rest.sort.column);
  if (rest.group !== undefined && rest.group !== 'tag') checkColumn('group', rest.group);
  const { statuses, ids, sort, group } = rest;
  return { statuses, ids, sort, group, archived, filter: parseRunFilter(filter) };
};

/** The table of runs across experiments: sorted, filtered and grouped where it is stored, and told in parts. */
export const createRunTable = (store: Store) => ({
  list: (asked: Partial<MethodParamsParsed<'runs.list'>> = {}): { items: RunRow[]; total: number } => {
    const { offset = 0, limit = 100, columns = [] } = asked;
    for (const name of columns) checkColumn('columns', name);
    const page = store.runRows.page({ ...queryOf(asked), offset, limit, columns });
    return { items: page.items.map((row) => runRowSchema.parse(row)), total: page.total };
  },
  ids: (asked: Partial<MethodParamsParsed<'runs.ids'>> = {}): { ids: string[] } => {
    const { offset = 0, limit = 10_000 } = asked;
    return { ids: store.runRows.ids({ ...queryOf(asked), offset, limit }) };
  },
  groups: ({
    offset,
    limit,
    measured,
    ...asked
  }: MethodParamsParsed<'runs.groups'>): { items: RunGroup[]; total: number } => {
    if (runColumn(measured, 'checked')?.kind !== 'number')
      throw invalidInput(`measured: "${measured}" is no column with numbers`);
    const query = queryOf(asked);
    return store.runRows.groups({ ...query, offset, limit, measured });
  },
  columns: (asked: Partial<MethodParamsParsed<'runs.columns'>> = {}) => listRunColumns(store, queryOf(asked)),
});
