import type { Database } from 'better-sqlite3';
import { createRunQuery } from '../run-query.ts';
import type { RunQuery } from '../run-query.ts';

/** What a list shows of a run: looked up, without its metrics and summary. */
export interface RunRowRecord {
  readonly id: string;
  readonly experimentId: string;
  readonly experimentName: string;
  /** Among the runs of its experiment, from 0: what its colour follows from. */
  readonly place: number;
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

export interface RunRowsRequest extends RunQuery {
  readonly offset: number;
  readonly limit: number;
  /** Names of columns whose values are wanted. */
  readonly columns?: readonly string[];
}

/** Runs with the same value in the column that they are grouped by. */
export interface RunGroupRecord {
  /** Null for those without a value. */
  readonly value: string | number | null;
  readonly runs: number;
  /** Of the measured column, over those that have a value there. */
  readonly lowest: number | null;
  readonly highest: number | null;
  readonly mean: number | null;
}

const own = `runs.id, experiments.id AS experimentId, experiments.name AS experimentName,
  (SELECT count(*) FROM configurations AS before JOIN runs AS others ON others.configuration_id = before.id
    WHERE before.experiment_id = experiments.id AND others.removal IS NULL
      AND (before.position, others.rowid) < (configurations.position, runs.rowid)) AS place,
  json_extract(configurations.settings, '$.name') AS name,
  json_extract(configurations.settings, '$.adapter.method') AS method,
  runs.status, runs.step, runs.steps, adapters.id AS adapterId, runs.note, runs.archived_at IS NOT NULL AS isArchived,
  (SELECT json_group_array(tag) FROM (SELECT tag FROM run_tags WHERE run_id = runs.id ORDER BY tag)) AS tags,
  runs.created_at AS createdAt, runs.started_at AS startedAt, runs.ended_at AS endedAt`;

export const runRowRepository = (database: Database) => {
  const count = (request: RunQuery): number => {
    const query = createRunQuery(request);
    return database
      .prepare(`SELECT count(*) FROM ${query.from} ${query.where}`)
      .pluck()
      .get(query.values) as number;
  };
  /** Of a part of the runs, in their order. Only what they are sorted by is looked up for all of them. */
  const ids = (request: RunRowsRequest): string[] => {
    const query = createRunQuery(request);
    return database
      .prepare(
        `SELECT runs.id FROM ${query.from} ${query.where} ORDER BY ${query.order()} LIMIT @limit OFFSET @offset`,
      )
      .pluck()
      .all({ ...query.values, offset: request.offset, limit: request.limit }) as string[];
  };
  const rows = (wanted: readonly string[], columns: readonly string[]): RunRowRecord[] => {
    const query = createRunQuery({ ids: wanted, archived: 'shown' });
    const asked = columns.map((name, index) => `, ${query.column(name)} AS value${index}`);
    const found = database
      .prepare(`SELECT ${own}${asked.join('')} FROM ${query.from} ${query.where}`)
      .all(query.values) as Record<string, unknown>[];
    const byId = new Map(found.map((row) => [row['id'] as string, decode(row, columns)]));
    return wanted.flatMap((id) => byId.get(id) ?? []);
  };

  return {
    ids,
    page: (request: RunRowsRequest): { items: RunRowRecord[]; total: number } => ({
      items: rows(ids(request), request.columns ?? []),
      total: count(request),
    }),
    /** In the order of their runs. `measured` names a column with numbers. */
    groups: (
      request: RunQuery & { readonly offset: number; readonly limit: number; readonly measured: string },
    ): { items: RunGroupRecord[]; total: number } => {
      const query = createRunQuery(request);
      const { key } = query;
      const measured = query.column(request.measured);
      const from = `FROM (SELECT ${key} AS value, CASE WHEN typeof(${measured}) IN ('integer', 'real') THEN ${measured} END AS measured,
        ${query.rank} AS ranked FROM ${query.from} ${query.where}) GROUP BY value`;
      const items = database
        .prepare(
          `SELECT value, count(*) AS runs, min(measured) AS lowest, max(measured) AS highest, avg(measured) AS mean
            ${from} ORDER BY ${query.groupOrder} LIMIT @limit OFFSET @offset`,
        )
        .all({ ...query.values, offset: request.offset, limit: request.limit }) as RunGroupRecord[];
      const total = database
        .prepare(`SELECT count(*) FROM (SELECT DISTINCT ${key} AS value FROM ${query.from} ${query.where})`)
        .pluck()
        .get(query.values) as number;
      return { items, total };
    },
    /** How many values each of these columns has among the runs, where having none is one, too. */
    countValues: (request: RunQuery, columns: readonly string[]): Record<string, number> => {
      const query = createRunQuery(request);
      const counted = columns.map((name, index) => {
        const sql = query.column(name);
        return `count(DISTINCT ${sql}) + (count(*) > count(${sql})) AS count${index}`;
      });
      const row = database
        .prepare(`SELECT ${counted.join(', ')} FROM ${query.from} ${query.where}`)
        .get(query.values) as Record<string, number>;
      return Object.fromEntries(columns.map((name, index) => [name, row[`count${index}`]!]));
    },
    /** The settings that there are among the runs, each once: an adapter's, a run's own training settings, and its experiment's. */
    settings: (request: RunQuery): { adapter: unknown; own: unknown; common: unknown }[] => {
      const query = createRunQuery(request);
      const found = database
        .prepare(
          `SELECT DISTINCT json_extract(configurations.settings, '$.adapter') AS adapter,
            json_extract(configurations.settings, '$.training') AS own,
            json_extract(experiments.definition, '$.training') AS common
          FROM ${query.from} ${query.where}`,
        )
        .all(query.values) as Record<'adapter' | 'own' | 'common', string | null>[];
      const parsed = new Map<string | null, unknown>();
      const parse = (text: string | null): unknown => {
        if (!parsed.has(text)) parsed.set(text, text === null ? {} : JSON.parse(text));
        return parsed.get(text);
      };
      return found.map(({ adapter, own: mine, common }) => ({
        adapter: parse(adapter),
        own: parse(mine),
        common: parse(common),
      }));
    },
    /** Names of what the runs keep in the end. */
    summaryNames: (): string[] =>
      database.prepare('SELECT DISTINCT name FROM run_summary ORDER BY name').pluck().all() as string[],
  };
};

const decode = (row: Record<string, unknown>, columns: readonly string[]): RunRowRecord => {
  const plain = Object.entries(row).filter(([name]) => !/^value\d+$/.test(name));
  return {
    ...(Object.fromEntries(plain) as unknown as RunRowRecord),
    tags: JSON.parse(row['tags'] as string) as string[],
    isArchived: row['isArchived'] === 1,
    values: Object.fromEntries(
      columns.map((name, index) => [name, row[`value${index}`] as string | number | null]),
    ),
  };
};
