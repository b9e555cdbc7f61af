import type { Database } from 'better-sqlite3';

/** What a run wrote to one of its prompts. */
export interface RunSampleRecord {
  readonly position: number;
  readonly prompt: string;
  /** What the data has there; null where the prompt is not from the data. */
  readonly expected: string | null;
  readonly text: string;
  readonly finish: string;
  readonly tokens: number;
}

export type SamplePromptRecord = Pick<RunSampleRecord, 'prompt' | 'expected'>;

export interface SampleTextRecord extends Pick<RunSampleRecord, 'text' | 'finish' | 'tokens'> {
  readonly runId: string;
  readonly step: number;
}

const ofRuns = 'run_id IN (SELECT value FROM json_each(@runs))';

export const runSampleRepository = (database: Database) => {
  const insert = database.prepare(
    `INSERT OR REPLACE INTO run_samples (run_id, step, position, prompt, expected, text, finish, tokens)
      VALUES (@runId, @step, @position, @prompt, @expected, @text, @finish, @tokens)`,
  );
  const insertAll = database.transaction((runId: string, step: number, all: readonly RunSampleRecord[]) => {
    for (const sample of all) insert.run({ ...sample, runId, step });
  });
  const prompts = database.prepare(
    `SELECT prompt, max(expected) AS expected FROM run_samples WHERE ${ofRuns} GROUP BY prompt ORDER BY min(position), prompt`,
  );
  const steps = database
    .prepare(
      `SELECT DISTINCT step FROM run_samples WHERE ${ofRuns} AND prompt = @prompt AND step < @before
        ORDER BY step DESC LIMIT @limit`,
    )
    .pluck();
  const texts = database.prepare(
    `SELECT run_id AS runId, step, text, finish, tokens FROM run_samples
      WHERE ${ofRuns} AND prompt = @prompt AND step BETWEEN @from AND @to ORDER BY step`,
  );
  const ofRun = database.prepare(
    'SELECT step, position, prompt, expected, text, finish, tokens FROM run_samples WHERE run_id = ? ORDER BY step, position',
  );
  return {
    ofRun: (runId: string): (RunSampleRecord & { readonly step: number })[] =>
      ofRun.all(runId) as (RunSampleRecord & { readonly step: number })[],
    /** All or none; those that a step has already are replaced. */
    insert: (runId: string, step: number, samples: readonly RunSampleRecord[]): void =>
      insertAll(runId, step, samples),
    /** The prompts of any of the runs, each once, in their order. */
    prompts: (runIds: readonly string[]): SamplePromptRecord[] =>
      prompts.all({ runs: JSON.stringify(runIds) }) as SamplePromptRecord[],
    /** The last steps before one at which any of the runs answered the prompt, latest first. */
    steps: (runIds: readonly string[], prompt: string, before: number, limit: number): number[] =>
      steps.all({ runs: JSON.stringify(runIds), prompt, before, limit }) as number[],
    texts: (runIds: readonly string[], prompt: string, from: number, to: number): SampleTextRecord[] =>
      texts.all({ runs: JSON.stringify(runIds), prompt, from, to }) as SampleTextRecord[],
    removeAfter: (runId: string, step: number): void =>
      void database.prepare('DELETE FROM run_samples WHERE run_id = ? AND step > ?').run(runId, step),
  };
};
