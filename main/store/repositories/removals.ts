import type { Database } from 'better-sqlite3';

export interface RemovalRecord {
  readonly id: string;
  /** When it can no longer be taken back. */
  readonly until: string;
}

/** What is removed and can still be brought back. */
export const removalRepository = (database: Database) => {
  const insert = database.prepare('INSERT INTO removals (id, until) VALUES (@id, @until)');
  const takeExperiment = database.prepare('UPDATE experiments SET removal = @removal WHERE id = @id');
  const takeItsRuns = database.prepare(
    `UPDATE runs SET removal = @removal WHERE removal IS NULL AND configuration_id IN
      (SELECT id FROM configurations WHERE experiment_id = @id)`,
  );
  const takeRun = database.prepare('UPDATE runs SET removal = @removal WHERE id = @id');
  const forget = database.prepare('DELETE FROM removals WHERE id = ? AND is_completing = 0');
  const complete = database.prepare('UPDATE removals SET is_completing = 1 WHERE id = ?');
  const dropExperiments = database.prepare('DELETE FROM experiments WHERE removal = ?');
  const dropRuns = database.prepare(
    'DELETE FROM configurations WHERE id IN (SELECT configuration_id FROM runs WHERE removal = ?)',
  );
  const drop = database.prepare('DELETE FROM removals WHERE id = ?');
  const ids = (sql: string, id: string): string[] => database.prepare(sql).pluck().all(id) as string[];

  return {
    insert: (removal: RemovalRecord): void => void insert.run(removal),
    /** With all of its runs. */
    takeExperiment: (removal: string, id: string): void => {
      takeExperiment.run({ removal, id });
      takeItsRuns.run({ removal, id });
    },
    takeRun: (removal: string, id: string): void => void takeRun.run({ removal, id }),
    /** The one that is over first, first. */
    list: (): RemovalRecord[] =>
      database.prepare('SELECT id, until FROM removals ORDER BY until, rowid').all() as RemovalRecord[],
    experimentsOf: (id: string): string[] => ids('SELECT id FROM experiments WHERE removal = ?', id),
    runsOf: (id: string): string[] => ids('SELECT id FROM runs WHERE removal = ?', id),
    /** Experiments of which some runs are removed, or all. */
    touchedBy: (id: string): string[] =>
      ids(
        `SELECT DISTINCT configurations.experiment_id FROM runs
          JOIN configurations ON configurations.id = runs.configuration_id WHERE runs.removal = ?`,
        id,
      ),
    /** Whether a run is here, though it is in no list. */
    holdsRun: (runId: string): boolean =>
      database.prepare('SELECT 1 FROM runs WHERE id = ? AND removal IS NOT NULL').get(runId) !== undefined,
    /** Names of experiments on a model or dataset that may come back. */
    namesUsing: (column: 'modelId' | 'datasetId', id: string): string[] =>
      ids(
        `SELECT name FROM experiments WHERE removal IS NOT NULL
          AND ${column === 'modelId' ? 'model_id' : 'dataset_id'} = ?`,
        id,
      ),
    /** Brings all of it back. Gives whether that could still be done. */
    forget: (id: string): boolean => forget.run(id).changes > 0,
    /** From here on it can't be brought back. Gives whether it is there. */
    beginCompleting: (id: string): boolean => complete.run(id).changes > 0,
    /** Takes all that is of it out of the store. */
    complete: (id: string): void => {
      dropExperiments.run(id);
      dropRuns.run(id);
      drop.run(id);
    },
  };
};
