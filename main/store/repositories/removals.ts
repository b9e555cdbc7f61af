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
  // An experiment goes with the last of its runs, whichever removal has that: it is back with the first that comes back.
  const returnExperiments = database.prepare(
    `UPDATE experiments SET removal = NULL WHERE id IN (SELECT configurations.experiment_id FROM configurations
      JOIN runs ON runs.configuration_id = configurations.id
      JOIN removals ON removals.id = runs.removal WHERE removals.id = ? AND removals.is_completing = 0)`,
  );
  const forget = database.prepare('DELETE FROM removals WHERE id = ? AND is_completing = 0');
  const complete = database.prepare('UPDATE removals SET is_completing = 1 WHERE id = ?');
  // Those with a run that isn't of this removal follow that run: back into the lists, or else to the other removal that ends last.
  const leaveExperiments = database.prepare(
    `WITH others AS (SELECT configurations.experiment_id, runs.removal, removals.until FROM experiments AS removed
        JOIN configurations ON configurations.experiment_id = removed.id
        JOIN runs ON runs.configuration_id = configurations.id AND runs.removal IS NOT @id
        LEFT JOIN removals ON removals.id = runs.removal WHERE removed.removal = @id)
      UPDATE experiments SET removal = (SELECT others.removal FROM others WHERE experiment_id = experiments.id
        ORDER BY others.until IS NOT NULL, others.until DESC LIMIT 1)
      WHERE id IN (SELECT experiment_id FROM others)`,
  );
  const dropExperiments = database.prepare('DELETE FROM experiments WHERE removal = ?');
  const dropRuns = database.prepare(
    'DELETE FROM configurations WHERE id IN (SELECT configuration_id FROM runs WHERE removal = ?)',
  );
  const drop = database.prepare('DELETE FROM removals WHERE id = ?');
  const dropEmpty = database.prepare(
    `DELETE FROM removals WHERE NOT EXISTS (SELECT 1 FROM runs WHERE removal = removals.id)
      AND NOT EXISTS (SELECT 1 FROM experiments WHERE removal = removals.id)`,
  );
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
    /** Brings all of it back, each run with its experiment. Gives whether that could still be done. */
    forget: (id: string): boolean => {
      returnExperiments.run(id);
      return forget.run(id).changes > 0;
    },
    /** From here on it can't be brought back. Gives whether it is there. */
    beginCompleting: (id: string): boolean => complete.run(id).changes > 0,
    /** Takes all that is of it out of the store, and no run that isn't: such a run keeps its experiment. */
    complete: (id: string): void => {
      leaveExperiments.run({ id });
      dropExperiments.run(id);
      dropRuns.run(id);
      drop.run(id);
    },
    /** Those of which nothing is left that could come back. */
    dropEmpty: (): void => void dropEmpty.run(),
  };
};
