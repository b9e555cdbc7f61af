import type { Database } from 'better-sqlite3';

export interface ComparisonAnswerRecord {
  readonly comparisonId: string;
  /** Of what the store says has happened, and of every number that the answer is made of. */
  readonly resultsKey: string;
  readonly dataKey: string;
  readonly sentence: string;
  /** JSON. */
  readonly answer: unknown;
}

export const comparisonAnswerRepository = (database: Database) => {
  const put = database.prepare(
    `INSERT INTO comparison_answers (comparison_id, results_key, data_key, sentence, answer) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET results_key = excluded.results_key, data_key = excluded.data_key,
        sentence = excluded.sentence, answer = excluded.answer`,
  );
  const sentence = database
    .prepare('SELECT sentence FROM comparison_answers WHERE comparison_id = ? AND results_key = ?')
    .pluck();
  const answer = database
    .prepare('SELECT answer FROM comparison_answers WHERE comparison_id = ? AND data_key = ?')
    .pluck();
  return {
    put: (record: ComparisonAnswerRecord): void =>
      void put.run(
        record.comparisonId,
        record.resultsKey,
        record.dataKey,
        record.sentence,
        JSON.stringify(record.answer),
      ),
    /** Undefined where there is none of just these results. */
    sentence: (comparisonId: string, resultsKey: string): string | undefined =>
      sentence.get(comparisonId, resultsKey) as string | undefined,
    /** Undefined where there is none of just these numbers. */
    answer: (comparisonId: string, dataKey: string): unknown => {
      const text = answer.get(comparisonId, dataKey) as string | undefined;
      return text === undefined ? undefined : (JSON.parse(text) as unknown);
    },
  };
};
