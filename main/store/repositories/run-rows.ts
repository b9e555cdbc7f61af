import type { Database } from 'better-sqlite3';

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
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
}

const columns = `runs.id, experiments.id AS experimentId, experiments.name AS experimentName,
  json_extract(configurations.settings, '$.name') AS name,
  json_extract(configurations.settings, '$.adapter.method') AS method,
  runs.status, runs.step, runs.steps, adapters.id AS adapterId,
  runs.created_at AS createdAt, runs.started_at AS startedAt, runs.ended_at AS endedAt`;

const from = `runs JOIN configurations ON configurations.id = runs.configuration_id
  JOIN experiments ON experiments.id = configurations.experiment_id
  LEFT JOIN adapters ON adapters.run_id = runs.id`;

interface RunRowsRequest {
  readonly offset: number;
  readonly limit: number;
  readonly statuses?: readonly string[] | undefined;
}

const wanted = `experiments.removal_due IS NULL
  AND (@statuses IS NULL OR runs.status IN (SELECT value FROM json_each(@statuses)))`;

export const runRowRepository = (database: Database) => {
  const rows = database.prepare(
    `SELECT ${columns} FROM ${from} WHERE ${wanted}
      ORDER BY experiments.created_at DESC, experiments.rowid DESC, configurations.position, runs.rowid
      LIMIT @limit OFFSET @offset`,
  );
  const count = database.prepare(`SELECT count(*) FROM ${from} WHERE ${wanted}`).pluck();
  return {
    page: ({ statuses, ...part }: RunRowsRequest): { items: RunRowRecord[]; total: number } => {
      const asked = { statuses: statuses === undefined ? null : JSON.stringify(statuses) };
      return {
        items: rows.all({ ...asked, ...part }) as RunRowRecord[],
        total: count.get(asked) as number,
      };
    },
  };
};
