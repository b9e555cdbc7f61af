import type { Database } from 'better-sqlite3';

export interface MetricRecord {
  readonly step: number;
  readonly name: string;
  readonly value: number;
}

export const metricRepository = (database: Database) => {
  const insert = database.prepare(
    'INSERT INTO metrics (run_id, name, step, value) VALUES (?, ?, ?, ?) ON CONFLICT (run_id, name, step) DO UPDATE SET value = excluded.value',
  );
  const insertAll = database.transaction((runId: string, metrics: readonly MetricRecord[]) => {
    for (const { name, step, value } of metrics) insert.run(runId, name, step, value);
  });
  const all = database.prepare('SELECT step, name, value FROM metrics WHERE run_id = ? ORDER BY name, step');
  const named = database.prepare(
    'SELECT step, name, value FROM metrics WHERE run_id = ? AND name = ? ORDER BY step',
  );
  return {
    /** All or none; a value for a step that has one already takes its place. */
    insert: (runId: string, metrics: readonly MetricRecord[]): void => insertAll(runId, metrics),
    list: (runId: string, name?: string): MetricRecord[] =>
      (name === undefined ? all.all(runId) : named.all(runId, name)) as MetricRecord[],
    removeAfter: (runId: string, step: number): void =>
      void database.prepare('DELETE FROM metrics WHERE run_id = ? AND step > ?').run(runId, step),
    removeAll: (runId: string): void =>
      void database.prepare('DELETE FROM metrics WHERE run_id = ?').run(runId),
  };
};
