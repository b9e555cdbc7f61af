import type { Database } from 'better-sqlite3';

/** What a run drew of one prompt from one seed, or why it couldn't: then there is no file. */
export interface RunPictureRecord {
  readonly position: number;
  readonly prompt: string;
  readonly seed: number;
  /** Below the run's folder, with `/`. */
  readonly file: string | null;
  readonly sha256: string | null;
  readonly problem: string | null;
}

export interface StepPictureRecord extends RunPictureRecord {
  readonly step: number;
}

const columns = 'step, position, prompt, seed, file, sha256, problem';
const ofRuns = 'run_id IN (SELECT value FROM json_each(@runs))';

export const runPictureRepository = (database: Database) => {
  const insert = database.prepare(
    `INSERT OR REPLACE INTO run_pictures (run_id, ${columns})
      VALUES (@runId, @step, @position, @prompt, @seed, @file, @sha256, @problem)`,
  );
  const insertAll = database.transaction((runId: string, step: number, all: readonly RunPictureRecord[]) => {
    for (const picture of all) insert.run({ ...picture, runId, step });
  });
  const ofRun = database.prepare(
    `SELECT ${columns} FROM run_pictures WHERE run_id = ? ORDER BY step, position`,
  );
  const asked = database.prepare(
    `SELECT prompt, seed FROM run_pictures WHERE ${ofRuns} GROUP BY prompt, seed ORDER BY min(position), prompt, seed`,
  );
  const shown = database.prepare(
    `SELECT run_id AS runId, ${columns} FROM run_pictures
      WHERE ${ofRuns} AND prompt = @prompt AND seed = @seed ORDER BY step, run_id`,
  );
  const withFiles = database.prepare('SELECT DISTINCT run_id FROM run_pictures WHERE file IS NOT NULL');
  return {
    ofRun: (runId: string): StepPictureRecord[] => ofRun.all(runId) as StepPictureRecord[],
    /** Runs that have drawn something. */
    runs: (): string[] => withFiles.pluck().all() as string[],
    /** All or none; those that a step has already are replaced. */
    insert: (runId: string, step: number, pictures: readonly RunPictureRecord[]): void =>
      insertAll(runId, step, pictures),
    /** The prompts of any of the runs with their seeds, each once, in their order. */
    asked: (runIds: readonly string[]): Pick<RunPictureRecord, 'prompt' | 'seed'>[] =>
      asked.all({ runs: JSON.stringify(runIds) }) as Pick<RunPictureRecord, 'prompt' | 'seed'>[],
    /** What they drew of one of them, step by step. */
    shown: (
      runIds: readonly string[],
      { prompt, seed }: Pick<RunPictureRecord, 'prompt' | 'seed'>,
    ): (StepPictureRecord & { readonly runId: string })[] =>
      shown.all({ runs: JSON.stringify(runIds), prompt, seed }) as (StepPictureRecord & {
        readonly runId: string;
      })[],
    removeAfter: (runId: string, step: number): void =>
      void database.prepare('DELETE FROM run_pictures WHERE run_id = ? AND step > ?').run(runId, step),
  };
};
