import type { Database } from 'better-sqlite3';
import { filterCondition } from '../run-filter-sql.ts';
import type { RunFilter } from '../run-filter-sql.ts';
import { runColumn } from '../run-columns.ts';

/** What a list shows of a run: looked up, without its metrics and summary. */
export interface RunRowRecord {
  readonly id: string;
  readonly experimentId: string;
  readonly experimentName: string;
  readonly name: string;
  readonly method: string;
  readonly status: string;
  readonly step: number;
  readonly steps: number | null;
  readonly adapterId: string | null;
  readonly tags: readonly string[];
  readonly note: string;
  readonly isArchived: boolean;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  /** Of the columns that were asked for. */
  readonly values: Readonly<Record<string, string | number | null>>;
}

export interface RunRowsRequest {
  readonly offset: number;
  readonly limit: number;
  readonly statuses?: readonly string[] | undefined;
  readonly ids?: readonly string[] | undefined;
  readonly filter?: RunFilter | null;
  /** Runs that are put away: beside the others, alone, or not. */
  readonly archived: 'shown' | 'only' | 'hidden';
  /** A column, and which way; else by experiment, the newest first, in the order of its configurations. */
  readonly sort?: { readonly column: string; readonly descending: boolean } | undefined;
  /** Names of columns whose values are wanted. */
  readonly columns?: readonly string[];
}

const own = `runs.id, experiments.id AS experimentId, experiments.name AS experimentName,
  json_extract(configurations.settings, '$.name') AS name,
  json_extract(configurations.settings, '$.adapter.method') AS method,
  runs.status, runs.step, runs.steps, adapters.id AS adapterId, runs.note, runs.archived_at IS NOT NULL AS isArchived,
  (SELECT json_group_array(tag) FROM (SELECT tag FROM run_tags WHERE run_id = runs.id ORDER BY tag)) AS tags,
  runs.created_at AS createdAt, runs.started_at AS startedAt, runs.ended_at AS endedAt`;

const from = `runs JOIN configurations ON configurations.id = runs.configuration_id
  JOIN experiments ON experiments.id = configurations.experiment_id
  JOIN models ON models.id = experiments.model_id JOIN datasets ON datasets.id = experiments.dataset_id
  LEFT JOIN adapters ON adapters.run_id = runs.id`;

const usualOrder = 'experiments.created_at DESC, experiments.rowid DESC, configurations.position, runs.rowid';

const archivedConditions: Record<RunRowsRequest['archived'], string[]> = {
  shown: [],
  only: ['runs.archived_at IS NOT NULL'],
  hidden: ['runs.archived_at IS NULL'],
};

type Values = Record<string, string | number>;

export const runRowRepository = (database: Database) => {
  const column = (name: string, parameter: string, values: Values): string => {
    const { sql, bound } = runColumn(name, parameter)!;
    if (bound !== undefined) values[parameter] = bound;
    return sql;
  };
  const conditionsOf = ({ statuses, ids, filter, archived }: RunRowsRequest, values: Values): string => {
    const conditions = [...archivedConditions[archived]];
    if (statuses !== undefined) {
      values['statuses'] = JSON.stringify(statuses);
      conditions.push('runs.status IN (SELECT value FROM json_each(@statuses))');
    }
    if (ids !== undefined) {
      values['ids'] = JSON.stringify(ids);
      conditions.push('runs.id IN (SELECT value FROM json_each(@ids))');
    }
    if (filter !== undefined && filter !== null) {
      const { sql, values: bound } = filterCondition(filter);
      Object.assign(values, bound);
      conditions.push(sql);
    }
    return conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
  };
  const orderOf = ({ sort }: RunRowsRequest, values: Values): string => {
    if (sort === undefined) return usualOrder;
    const key = column(sort.column, 'sort', values);
    // What has no value stands last, whichever way.
    return `${key} IS NULL, ${key} ${sort.descending ? 'DESC' : 'ASC'}, ${usualOrder}`;
  };

  return {
    page: (request: RunRowsRequest): { items: RunRowRecord[]; total: number } => {
      const counted: Values = {};
      const where = conditionsOf(request, counted);
      const total = database.prepare(`SELECT count(*) FROM ${from} ${where}`).pluck().get(counted) as number;
      const values: Values = { ...counted, offset: request.offset, limit: request.limit };
      const wanted = request.columns ?? [];
      const asked = wanted.map(
        (name, index) => `, ${column(name, `column${index}`, values)} AS value${index}`,
      );
      const rows = database
        .prepare(
          `SELECT ${own}${asked.join('')} FROM ${from} ${where}
            ORDER BY ${orderOf(request, values)} LIMIT @limit OFFSET @offset`,
        )
        .all(values) as Record<string, unknown>[];
      const decode = (row: Record<string, unknown>): RunRowRecord => {
        const plain = Object.entries(row).filter(([name]) => !/^value\d+$/.test(name));
        return {
          ...(Object.fromEntries(plain) as unknown as RunRowRecord),
          tags: JSON.parse(row['tags'] as string) as string[],
          isArchived: row['isArchived'] === 1,
          values: Object.fromEntries(
            wanted.map((name, index) => [name, row[`value${index}`] as string | number | null]),
          ),
        };
      };
      return { items: rows.map(decode), total };
    },
  };
};
