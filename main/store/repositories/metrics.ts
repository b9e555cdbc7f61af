import type { Database } from 'better-sqlite3';
import { metricPortions } from './metric-portions.ts';

export interface MetricRecord {
  readonly step: number;
  readonly name: string;
  readonly value: number;
}

/** Values with the steps after which they were taken, oldest first. */
export interface MetricColumns {
  readonly steps: readonly number[];
  readonly values: readonly number[];
}

export const metricRepository = (database: Database) => {
  const insert = database.prepare(
    'INSERT INTO metrics (run_id, name, step, value) VALUES (?, ?, ?, ?) ON CONFLICT (run_id, name, step) DO UPDATE SET value = excluded.value',
  );
  const portions = metricPortions(database);
  const insertAll = database.transaction((runId: string, metrics: readonly MetricRecord[]) => {
    for (const { name, step, value } of metrics) insert.run(runId, name, step, value);
    for (const [name, records] of Map.groupBy(metrics, (metric) => metric.name)) {
      const steps = records.map(({ step }) => step);
      portions.refresh(runId, name, lowestOf(steps), highestOf(steps));
    }
  });
  const removeAfter = database.transaction((runId: string, step: number) => {
    database.prepare('DELETE FROM metrics WHERE run_id = ? AND step > ?').run(runId, step);
    portions.removeAfter(runId, step);
  });
  const all = database.prepare('SELECT step, name, value FROM metrics WHERE run_id = ? ORDER BY name, step');
  const named = database.prepare(
    'SELECT step, name, value FROM metrics WHERE run_id = ? AND name = ? ORDER BY step',
  );
  const range = 'FROM metrics WHERE run_id = ? AND name = ? AND step BETWEEN ? AND ?';
  const whole = database
    .prepare(
      `SELECT min(step), max(step), count(*), json_group_array(value)
        FROM (SELECT step, value ${range} ORDER BY step)`,
    )
    .raw();
  const rows = database.prepare(`SELECT step, value ${range} ORDER BY step`).raw();
  const lastRow = database.prepare(
    'SELECT step, name, value FROM metrics WHERE run_id = ? AND name = ? AND step <= ? ORDER BY step DESC LIMIT 1',
  );
  // Not DISTINCT: SQLite would go through every value of the run.
  const names = database
    .prepare(
      `WITH RECURSIVE found (name) AS (
          SELECT min(name) FROM metrics WHERE run_id = @id
          UNION ALL SELECT (SELECT min(name) FROM metrics WHERE run_id = @id AND name > found.name)
            FROM found WHERE found.name IS NOT NULL
        ) SELECT name FROM found WHERE name IS NOT NULL`,
    )
    .pluck();
  const page = database
    .prepare(
      'SELECT step, value FROM metrics WHERE run_id = ? AND name = ? AND step > ? ORDER BY step LIMIT ?',
    )
    .raw();
  const removeOne = database.prepare('DELETE FROM metrics WHERE run_id = ? AND name = ? AND step = ?');
  const removeValues = database.transaction((runId: string, name: string, steps: readonly number[]) => {
    for (const step of steps) {
      removeOne.run(runId, name, step);
      portions.forget(runId, name, step);
    }
  });
  const last = database.prepare('SELECT max(step) FROM metrics WHERE run_id = ? AND name = ?').pluck();
  return {
    /** All or none; a value for a step that has one already takes its place. */
    insert: (runId: string, metrics: readonly MetricRecord[]): void => insertAll(runId, metrics),
    list: (runId: string, name?: string): MetricRecord[] =>
      (name === undefined ? all.all(runId) : named.all(runId, name)) as MetricRecord[],
    /**
     * One metric from one step to another, both included. Charts read millions: values of steps without a gap come as one piece, which takes
     * half the time of as many rows.
     */
    columns: (runId: string, name: string, from: number, to: number): MetricColumns => {
      const place = [runId, name, from, to] as const;
      const [first, end, count, texts] = whole.get(...place) as [number | null, number, number, string];
      if (first === null) return { steps: [], values: [] };
      if (end - first + 1 === count)
        return {
          steps: Array.from({ length: count }, (_, index) => first + index),
          values: JSON.parse(texts) as number[],
        };
      const pairs = rows.all(...place) as [number, number][];
      return { steps: pairs.map(([step]) => step), values: pairs.map(([, value]) => value) };
    },
    names: (runId: string): string[] => names.all({ id: runId }) as string[],
    /** The first so many values after a step, oldest first. */
    page: (runId: string, name: string, after: number, limit: number): [step: number, value: number][] =>
      page.all(runId, name, after, limit) as [number, number][],
    /** Of single steps. */
    remove: (runId: string, name: string, steps: readonly number[]): void => removeValues(runId, name, steps),
    /** Undefined where there is no value. */
    lastStep: (runId: string, name: string): number | undefined =>
      (last.get(runId, name) as number | null) ?? undefined,
    /** The last value of the steps up to one, that one included; undefined where there is none. */
    lastUpTo: (runId: string, name: string, step: number): MetricRecord | undefined =>
      lastRow.get(runId, name, step) as MetricRecord | undefined,
    /** What many steps come to: see MetricPortions. */
    portions: portions.columns,
    sumThrough: portions.sumThrough,
    stepWhereSumReaches: portions.stepWhereSumReaches,
    removeAfter: (runId: string, step: number): void => removeAfter(runId, step),
    removeAll: (runId: string): void => removeAfter(runId, -1),
  };
};

/** Of more numbers than a call takes. */
const lowestOf = (numbers: readonly number[]): number => numbers.reduce((a, b) => Math.min(a, b), Infinity);
const highestOf = (numbers: readonly number[]): number => numbers.reduce((a, b) => Math.max(a, b), -Infinity);
