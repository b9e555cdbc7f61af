import type { Database } from 'better-sqlite3';
import { mapTable } from '../table-mapping.ts';

/** One subject of a comparison, scored on one task. */
export interface AssessmentRecord {
  readonly id: string;
  readonly comparisonId: string;
  /** Null for the base model. */
  readonly runId: string | null;
  readonly task: string;
  readonly status: string;
  readonly error: string | null;
  /** Of the task as a whole, by name, JSON. */
  readonly scores: Readonly<Record<string, number>>;
  readonly createdAt: string;
  readonly endedAt: string | null;
}

/** What one subject did with one item. */
export interface ItemResultRecord {
  readonly item: number;
  readonly prompt: string | null;
  readonly expected: string | null;
  readonly answer: string | null;
  readonly weight: number;
  /** By name; what is no finite number is null. */
  readonly values: Readonly<Record<string, number | null>>;
  /** JSON. */
  readonly detail: unknown;
}

interface ItemRow {
  readonly item: number;
  readonly prompt: string | null;
  readonly expected: string | null;
  readonly answer: string | null;
  readonly weight: number;
  readonly scores: string;
  readonly detail: string | null;
}

export interface TaskItemRecord {
  readonly item: number;
  readonly prompt: string | null;
  readonly expected: string | null;
  readonly weight: number;
}

const finite = (value: number | null): number | null => (Number.isFinite(value) ? value : null);

export const assessmentRepository = (database: Database) => {
  const table = mapTable<AssessmentRecord>(database, 'assessments', {
    id: 'plain',
    comparisonId: 'plain',
    runId: 'plain',
    task: 'plain',
    status: 'plain',
    error: 'plain',
    scores: 'json',
    createdAt: 'plain',
    endedAt: 'plain',
  });
  const insertItem = database.prepare(
    `INSERT INTO task_items (comparison_id, task, item, prompt, expected, weight)
      SELECT comparison_id, task, ?, ?, ?, ? FROM assessments WHERE id = ? ON CONFLICT DO NOTHING`,
  );
  const insertResult = database.prepare(
    `INSERT INTO item_results (assessment_id, item, answer, scores, detail) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET answer = excluded.answer, scores = excluded.scores, detail = excluded.detail`,
  );
  const counts = database
    .prepare(
      `SELECT assessment_id, count(*) FROM item_results
        WHERE assessment_id IN (SELECT id FROM assessments WHERE comparison_id = ?) GROUP BY assessment_id`,
    )
    .raw();
  const numbers = database
    .prepare('SELECT item FROM item_results WHERE assessment_id = ? ORDER BY item')
    .pluck();
  const results = database.prepare(
    `SELECT item_results.item, prompt, expected, answer, weight, item_results.scores, detail
      FROM item_results
      JOIN assessments ON assessments.id = item_results.assessment_id
      JOIN task_items USING (comparison_id, task, item)
      WHERE item_results.assessment_id = ? ORDER BY item_results.item`,
  );
  const items = database.prepare(
    'SELECT item, prompt, expected, weight FROM task_items WHERE comparison_id = ? AND task = ? ORDER BY item',
  );
  const insertItems = database.transaction(
    (assessmentId: string, portion: readonly ItemResultRecord[]): void => {
      for (const { item, prompt, expected, answer, weight, values, detail } of portion) {
        const scores = Object.fromEntries(
          Object.entries(values).map(([name, value]) => [name, finite(value)]),
        );
        insertItem.run(item, prompt, expected, weight, assessmentId);
        insertResult.run(
          assessmentId,
          item,
          answer,
          JSON.stringify(scores),
          detail === null ? null : JSON.stringify(detail),
        );
      }
    },
  );
  return {
    insert: table.insert,
    update: table.update,
    /** The base first, then in the order in which they were made. */
    ofComparison: (comparisonId: string) =>
      table.select('WHERE comparison_id = ? ORDER BY run_id IS NOT NULL, rowid', comparisonId),
    withStatus: (status: string) => table.select('WHERE status = ?', status),
    /** All or none; an item that is there already is replaced. */
    insertItems: (assessmentId: string, portion: readonly ItemResultRecord[]): void =>
      insertItems(assessmentId, portion),
    /** How many items each assessment of a comparison has, by its id. */
    itemCounts: (comparisonId: string): ReadonlyMap<string, number> =>
      new Map(counts.all(comparisonId) as [string, number][]),
    itemNumbers: (assessmentId: string): number[] => numbers.all(assessmentId) as number[],
    /** In the order of the items. */
    results: (assessmentId: string): ItemResultRecord[] =>
      results.all(assessmentId).map((row) => {
        const { scores, detail, ...item } = row as ItemRow;
        return {
          ...item,
          values: JSON.parse(scores) as Record<string, number | null>,
          detail: detail === null ? null : (JSON.parse(detail) as unknown),
        };
      }),
    /** Of any subject, in order. */
    items: (comparisonId: string, task: string): TaskItemRecord[] =>
      items.all(comparisonId, task) as TaskItemRecord[],
  };
};
