import type { Experiment, RunRow } from '../../../main/api/contract.ts';
import type { WorkbenchMethods } from '../../../main/services/shared/methods.ts';
import { rowOfRun } from './fake-lists.ts';

type TableMethods = Pick<
  WorkbenchMethods['runs'],
  'list' | 'ids' | 'groups' | 'columns' | 'tags' | 'sparklines' | 'tag' | 'note' | 'rename' | 'archive'
>;

/** The table of runs is tested against the real store: here rows are told, and nothing is kept of what people say. */
export const fakeRunTable = (experiments: readonly Experiment[]): TableMethods => {
  const rows = (statuses?: readonly string[]): RunRow[] =>
    experiments.flatMap((experiment) =>
      experiment.runs
        .filter(({ status }) => statuses?.includes(status) ?? true)
        .map((run) => rowOfRun(experiment, run)),
    );
  return {
    list: ({ offset, limit, statuses }) => {
      const all = rows(statuses);
      return { items: all.slice(offset, offset + limit), total: all.length };
    },
    ids: ({ offset, limit, statuses }) => ({
      ids: rows(statuses)
        .slice(offset, offset + limit)
        .map(({ id }) => id),
    }),
    groups: () => ({ items: [], total: 0 }),
    columns: () => [],
    tags: () => [],
    sparklines: () => [],
    tag: ({ ids }) => ({ ids, added: [], removed: [] }),
    note: ({ id }) => ({ ids: [id] }),
    rename: ({ id }) => ({ ids: [id] }),
    archive: ({ ids }) => ({ ids }),
  };
};
