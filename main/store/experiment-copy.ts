import { existsSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { WorkbenchError } from '../engine/errors.ts';
import { runApart, type Statement } from './apart.ts';
import { expectedSchema } from './expected-schema.ts';
import { assertLibrary, signLibrary } from './library-file.ts';
import { migrate, migrateApart, refuseNewerVersion } from './migrate.ts';

/*
 * One experiment with all that is its own, from one library's file to another's. The other is a library too, of which the rest is empty:
 * whatever brings a library to a later version brings it there.
 */

const ofRuns = `run_id IN (SELECT runs.id FROM source.runs JOIN source.configurations ON configurations.id = configuration_id
  WHERE experiment_id = @id AND runs.removal IS NULL)`;

/** Which rows of each table go along, of the library that is attached as `source`; in an order in which nothing refers to what is not there. */
const tables: Readonly<Record<string, string>> = {
  models: 'id = (SELECT model_id FROM source.experiments WHERE id = @id)',
  datasets: 'id = (SELECT dataset_id FROM source.experiments WHERE id = @id)',
  experiments: 'id = @id',
  configurations: 'experiment_id = @id',
  runs: `id IN (SELECT runs.id FROM source.runs JOIN source.configurations ON configurations.id = configuration_id
    WHERE experiment_id = @id AND runs.removal IS NULL)`,
  metrics: ofRuns,
  metric_portions: ofRuns,
  checkpoints: ofRuns,
  run_summary: ofRuns,
  run_tags: ofRuns,
  run_samples: ofRuns,
  run_pictures: ofRuns,
  adapters: ofRuns,
};

/** What stays behind, and why. */
export const leftBehind: Readonly<Record<string, string>> = {
  exports: 'they lie where a person wanted them, and can be made again',
  comparisons: 'they are of several experiments',
  comparison_runs: 'of comparisons',
  comparison_tasks: 'of comparisons',
  comparison_diagnoses: 'of comparisons',
  comparison_answers: 'of comparisons',
  assessments: 'of comparisons',
  task_items: 'of comparisons',
  item_results: 'of comparisons',
  votes: 'they are of a model',
  blind_tests: 'they are of pictures that a person has',
  blind_votes: 'of blind tests',
  queue: 'it is of a machine',
  removals: 'what is being removed does not go along',
  run_views: 'they are of a person',
};

export const tablesOfAnExperiment = Object.keys(tables);

/** Libraries of the same release have the same columns; what waits in one queue does not wait in another. */
const values: Readonly<Record<string, string>> = {
  'experiments.removal': 'NULL',
  'runs.removal': 'NULL',
  'runs.queue_position': 'NULL',
  'runs.status': `CASE WHEN status <> 'queued' THEN status
    WHEN id IN (SELECT run_id FROM source.checkpoints) THEN 'paused' ELSE 'created' END`,
};

const copyStatements = async (id: string, wanted: readonly string[]): Promise<Statement[]> => {
  const { columns } = await expectedSchema();
  return wanted.map((table) => {
    const names = columns.filter(({ owner }) => owner === table).map(({ name }) => name);
    const given = names.map((name) => values[`${table}.${name}`] ?? name);
    const where = tables[table]!.replaceAll('@id', '?');
    const count = where.split('?').length - 1;
    return {
      sql: `INSERT INTO main.${table} (${names.join(', ')}) SELECT ${given.join(', ')} FROM source.${table} WHERE ${where}`,
      values: Array.from({ length: count }, () => id),
    };
  });
};

const inOneGo = (source: string, statements: readonly Statement[]): Statement[] => [
  { sql: 'ATTACH ? AS source', values: [source] },
  { sql: 'BEGIN IMMEDIATE' },
  ...statements,
  { sql: 'COMMIT' },
];

/** Makes a library of one experiment, in a file that is not there. */
export const takeExperiment = async (library: string, id: string, file: string): Promise<void> => {
  const made = new Sqlite(file);
  migrate(made);
  signLibrary(made);
  made.close();
  await runApart(file, inOneGo(library, await copyStatements(id, tablesOfAnExperiment)), { readonly: false });
};

/** What it was made on. */
export interface OldOwners {
  readonly model: { readonly name: string; readonly identity: string | null } | undefined;
  readonly dataset:
    | {
        readonly name: string;
        readonly train_sha256: string;
        readonly validation_sha256: string | null;
        readonly format: string;
      }
    | undefined;
}

const oldOwners = (database: Sqlite.Database): OldOwners => ({
  model: database.prepare('SELECT name, identity FROM models').get() as OldOwners['model'],
  dataset: database
    .prepare('SELECT name, train_sha256, validation_sha256, format FROM datasets')
    .get() as OldOwners['dataset'],
});

/** What of this library an experiment of another one is to belong to. */
export interface NewOwners {
  readonly model: { readonly id: string; readonly name: string };
  readonly dataset: { readonly id: string; readonly name: string };
}

/**
 * Brings an experiment's library to this release's version, and has it belong to the model and data of this one.
 * @throws WorkbenchError 'newer-version', 'invalid-input' for what is no library
 */
export const adaptExperiment = async (
  file: string,
  find: (owners: OldOwners) => NewOwners,
): Promise<void> => {
  assertKnown(file);
  await migrateApart(file);
  const database = new Sqlite(file, { fileMustExist: true });
  try {
    const { model, dataset } = find(oldOwners(database));
    database.pragma('foreign_keys = OFF');
    database
      .prepare(
        `UPDATE experiments SET model_id = ?, dataset_id = ?,
           definition = json_set(definition, '$.model', ?, '$.dataset', ?)`,
      )
      .run(model.id, dataset.id, model.name, dataset.name);
  } finally {
    database.close();
  }
};

const assertKnown = (file: string): void => {
  const database = new Sqlite(file, { fileMustExist: true, readonly: true });
  try {
    refuseNewerVersion(database, file);
    assertLibrary(database, file);
  } finally {
    database.close();
  }
};

/** Takes an adapted experiment into a library, all of it or nothing. @throws SQLite's error where something of it is there */
export const addExperiment = async (library: string, id: string, file: string): Promise<void> => {
  if (!existsSync(file)) throw new WorkbenchError('not-found', `${file}: no such file`);
  const own = tablesOfAnExperiment.filter((table) => table !== 'models' && table !== 'datasets');
  await runApart(library, inOneGo(file, await copyStatements(id, own)), { readonly: false });
};
