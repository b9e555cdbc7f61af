import type { Database } from 'better-sqlite3';
import { mapTable } from '../table-mapping.ts';

/** Looking into the adapters of one comparison. */
export interface ComparisonDiagnosisRecord {
  readonly comparisonId: string;
  readonly status: string;
  readonly error: string | null;
  /** JSON; null until it is completed. */
  readonly found: unknown;
  readonly createdAt: string;
  readonly endedAt: string | null;
}

/** All but what was found, which is large. */
export type ComparisonDiagnosisState = Omit<ComparisonDiagnosisRecord, 'found'>;

export const comparisonDiagnosisRepository = (database: Database) => {
  const { found: _, ...stateKinds } = {
    comparisonId: 'plain',
    status: 'plain',
    error: 'plain',
    found: 'json',
    createdAt: 'plain',
    endedAt: 'plain',
  } as const;
  const states = mapTable<ComparisonDiagnosisState>(database, 'comparison_diagnoses', stateKinds);
  const found = database
    .prepare('SELECT found FROM comparison_diagnoses WHERE comparison_id = ? AND found IS NOT NULL')
    .pluck();
  const change = database.prepare(
    'UPDATE comparison_diagnoses SET status = ?, error = ?, found = ?, ended_at = ? WHERE comparison_id = ?',
  );
  return {
    insert: states.insert,
    stateOf: (comparisonId: string): ComparisonDiagnosisState | undefined =>
      states.select('WHERE comparison_id = ?', comparisonId)[0],
    found: (comparisonId: string): unknown => {
      const text = found.get(comparisonId) as string | undefined;
      return text === undefined ? null : (JSON.parse(text) as unknown);
    },
    change: (
      comparisonId: string,
      { status, error, endedAt }: Pick<ComparisonDiagnosisRecord, 'status' | 'error' | 'endedAt'>,
      result: unknown = null,
    ): void =>
      void change.run(status, error, result === null ? null : JSON.stringify(result), endedAt, comparisonId),
    /** What was under way begins anew. */
    rest: (): void =>
      void database
        .prepare("UPDATE comparison_diagnoses SET status = 'waiting' WHERE status = 'running'")
        .run(),
  };
};
