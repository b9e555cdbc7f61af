import { runColumn } from './run-columns.ts';
import { filterCondition } from './run-filter-sql.ts';
import type { RunFilter } from './run-filter-sql.ts';

/** Which runs, and in which order. */
export interface RunQuery {
  readonly statuses?: readonly string[] | undefined;
  readonly ids?: readonly string[] | undefined;
  readonly filter?: RunFilter | null;
  /** Runs that are put away: beside the others, alone, or not. */
  readonly archived: 'shown' | 'only' | 'hidden';
  /** A column, and which way; else by experiment, the newest first, in the order of its configurations. */
  readonly sort?: { readonly column: string; readonly descending: boolean } | undefined;
  /** A column: runs with the same value there stand together. Of a run with two tags there is one in each group. */
  readonly group?: string | undefined;
}

export type RunValues = Record<string, string | number>;

const tables = `runs JOIN configurations ON configurations.id = runs.configuration_id
  JOIN experiments ON experiments.id = configurations.experiment_id
  JOIN models ON models.id = experiments.model_id JOIN datasets ON datasets.id = experiments.dataset_id
  LEFT JOIN adapters ON adapters.run_id = runs.id`;

const usualOrder = 'experiments.rowid DESC, configurations.position, runs.rowid';

const archivedConditions: Record<RunQuery['archived'], string[]> = {
  shown: [],
  only: ['runs.archived_at IS NOT NULL'],
  hidden: ['runs.archived_at IS NULL'],
};

/** What has no value stands last, whichever way. */
const by = (sql: string, descending: boolean): string =>
  `${sql} IS NULL, ${sql} ${descending ? 'DESC' : 'ASC'}`;

/** The parts that all questions about runs are made of; asking for a part may add to `values`. */
export const createRunQuery = ({ statuses, ids, filter, archived, sort, group }: RunQuery) => {
  const values: RunValues = {};
  let bound = 0;
  const column = (name: string): string => {
    const parameter = `column${bound++}`;
    const known = runColumn(name, parameter)!;
    if (known.bound !== undefined) values[parameter] = known.bound;
    return known.sql;
  };

  const conditions = ['runs.removal IS NULL', ...archivedConditions[archived]];
  if (statuses !== undefined) {
    values['statuses'] = JSON.stringify(statuses);
    conditions.push('runs.status IN (SELECT value FROM json_each(@statuses))');
  }
  if (ids !== undefined) {
    values['ids'] = JSON.stringify(ids);
    conditions.push('runs.id IN (SELECT value FROM json_each(@ids))');
  }
  if (filter !== undefined && filter !== null) {
    const condition = filterCondition(filter);
    Object.assign(values, condition.values);
    conditions.push(condition.sql);
  }

  const isByTag = group === 'tag';
  const key = group === undefined ? 'NULL' : isByTag ? 'grouping_tags.tag' : column(group);
  const { column: sorted, descending = false } = sort ?? {};
  const isSortedByGroup = sorted !== undefined && sorted === group;
  /** Groups follow the best of a number that their runs are sorted by; what they have in common otherwise. */
  const isRanked = sorted !== undefined && !isSortedByGroup && runColumn(sorted, 'any')?.kind === 'number';
  const best = descending ? 'max' : 'min';

  return {
    values,
    column,
    from: isByTag
      ? `${tables} LEFT JOIN run_tags AS grouping_tags ON grouping_tags.run_id = runs.id`
      : tables,
    where: `WHERE ${conditions.join(' AND ')}`,
    /** What runs are grouped by. */
    key,
    /** What places a run's group among the others. */
    rank: isRanked ? column(sorted) : 'NULL',
    /** Of groups, whose columns are called `value` and `ranked`. */
    groupOrder: [
      ...(isRanked ? [by(`${best}(ranked)`, descending)] : []),
      by('value', isSortedByGroup && descending),
    ].join(', '),
    order: (): string => {
      const own =
        sorted === undefined || isSortedByGroup
          ? usualOrder
          : `${by(column(sorted), descending)}, ${usualOrder}`;
      if (group === undefined) return own;
      const rank = `${best}(${isRanked ? column(sorted) : 'NULL'}) OVER (PARTITION BY ${key})`;
      return [...(isRanked ? [by(rank, descending)] : []), by(key, isSortedByGroup && descending), own].join(
        ', ',
      );
    },
  };
};
