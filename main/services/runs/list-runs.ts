import { invalidInput } from '../../engine/errors.ts';
import { fixedRunColumns, runColumn } from '../../store/run-columns.ts';
import type { Store } from '../../store/store.ts';
import { runRowSchema } from '../shared/entities.ts';
import type { RunRow } from '../shared/entities.ts';
import type { MethodParamsParsed } from '../shared/methods.ts';
import { parseRunFilter } from './run-filter.ts';

const checkColumn = (field: string, name: string): void => {
  const column = runColumn(name, 'checked');
  if (column !== undefined && column.kind !== 'tags') return;
  throw invalidInput(
    `${field}: there is no column "${name}" with one value a run; there are ${fixedRunColumns
      .filter((one) => one !== 'tag')
      .join(', ')}, metrics as validation/loss, and settings as adapter.rank`,
  );
};

/** Rows of runs across experiments, sorted and filtered where they are stored. */
export const listRuns =
  (store: Store) =>
  (asked: Partial<MethodParamsParsed<'runs.list'>> = {}): { items: RunRow[]; total: number } => {
    const { offset = 0, limit = 100, filter = '', archived = 'shown', columns = [], ...rest } = asked;
    if (rest.sort !== undefined) checkColumn('sort', rest.sort.column);
    for (const name of columns) checkColumn('columns', name);
    const page = store.runRows.page({
      ...rest,
      ...{ offset, limit, archived, columns, filter: parseRunFilter(filter) },
    });
    return { items: page.items.map((row) => runRowSchema.parse(row)), total: page.total };
  };
