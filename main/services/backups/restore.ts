import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { invalidInput, WorkbenchError } from '../../engine/errors.ts';
import { temporaryName, writeDirectoryWhole } from '../../engine/formats/atomic-file.ts';
import { makeFolder } from '../../engine/formats/make-folder.ts';
import { contentHash } from '../../engine/formats/model-identity.ts';
import { syncFolder, syncTree } from '../../engine/formats/sync-folder.ts';
import { createTurns } from '../../engine/turns.ts';
import {
  adaptExperiment,
  addExperiment,
  type NewOwners,
  type OldOwners,
} from '../../store/experiment-copy.ts';
import { assertOnly, moveExports, settleLibrary } from '../../store/foreign-library.ts';
import { migrations } from '../../store/migrations/index.ts';
import { databaseFileOf } from '../../store/places.ts';
import type { Store } from '../../store/store.ts';
import { runDirectoryOf } from '../runs/run-specification.ts';
import { clearUnfinished } from './clear-unfinished.ts';
import type { Manifest } from './manifest.ts';
import { openBackup, type OpenedBackup } from './open-backup.ts';
import { copyRange } from './ranges.ts';
import { counting, totalOf, type BackupWork } from './work.ts';

/** What is restored is as private as what was saved. */
const ownerOnly = 0o700;

/**
 * Puts everything that was backed up into a data directory that is not there yet, whole or not at all.
 * @throws WorkbenchError 'conflict' where something is there, 'invalid-input' where the backup is damaged or is of one experiment
 */
export const restoreLibrary = async (
  path: string,
  dataDirectory: string,
  work: BackupWork,
): Promise<OpenedBackup> => {
  const backup = await openBackup(path);
  const { manifest } = backup;
  if (manifest.experiment !== null)
    throw invalidInput(
      `${path}: is of the experiment "${manifest.experiment.name}" alone, which goes into a library that is there`,
    );
  refuseNewer(backup);
  const fill = async (temporary: string): Promise<void> => {
    await extract(backup, temporary, work);
    await settleLibrary(databaseFileOf(temporary), path, (database) =>
      moveExports(database, manifest.dataDirectory, dataDirectory),
    );
  };
  await clearUnfinished(dataDirectory);
  await writeDirectoryWhole(dataDirectory, fill, { mode: ownerOnly });
  return backup;
};

interface RestoreContext {
  readonly store: Store;
  readonly dataDirectory: string;
}

/**
 * Adds an experiment that was backed up to a library, all of it or nothing.
 * @throws WorkbenchError 'conflict' where it is there, 'not-found' where its model or data is not
 */
export const restoreExperiment = async (
  { store, dataDirectory }: RestoreContext,
  path: string,
  work: BackupWork,
): Promise<OpenedBackup> => {
  const backup = await openBackup(path);
  const { manifest } = backup;
  const { experiment } = manifest;
  if (experiment === null)
    throw invalidInput(
      `${path}: is of a whole library, which goes into a folder of its own: nora restore FILE --data-dir FOLDER`,
    );
  refuseNewer(backup);
  await refuseKnown({ store, dataDirectory }, experiment);
  const workspace = temporaryName(join(dataDirectory, 'restore'));
  const moved: string[] = [];
  try {
    await mkdir(workspace, { mode: ownerOnly });
    await extract(backup, workspace, work);
    const library = join(workspace, 'experiment.sqlite');
    await settleLibrary(library, path, (database) => assertOnly(database, path, experiment));
    await adaptExperiment(library, (owners) => ownersIn(store, owners, path));
    for (const id of experiment.runs) {
      const [from, to] = [join(workspace, 'runs', id), runDirectoryOf(dataDirectory, id)];
      if (!existsSync(from)) continue;
      makeFolder(dirname(to));
      await rename(from, to);
      moved.push(to);
      syncFolder(dirname(to));
    }
    await addExperiment(databaseFileOf(dataDirectory), experiment.id, library);
    return backup;
  } catch (error) {
    for (const directory of moved) await rm(directory, { recursive: true, force: true });
    throw error;
  } finally {
    await rm(workspace, { recursive: true, force: true });
  }
};

const refuseNewer = ({ path, manifest }: OpenedBackup): void => {
  if (manifest.dataVersion <= migrations.length) return;
  throw new WorkbenchError(
    'newer-version',
    `${path}: is of a newer NoRA Workbench (data version ${manifest.dataVersion}; this release reads up to ${migrations.length})`,
  );
};

const refuseKnown = async (
  { store, dataDirectory }: RestoreContext,
  { id, name, runs }: NonNullable<Manifest['experiment']>,
): Promise<void> => {
  if (store.experiments.find(id) !== undefined)
    throw new WorkbenchError(
      'conflict',
      `the experiment "${name}" is in this library already; nothing was changed. Remove it first to have it as it was`,
    );
  const turn = createTurns();
  for (const run of runs) {
    await turn();
    const directory = runDirectoryOf(dataDirectory, run);
    if (store.runs.find(run) === undefined && !existsSync(directory)) continue;
    throw new WorkbenchError(
      'conflict',
      `${directory}: a run of "${name}" lies there already; nothing was changed. \`nora storage --clear leftovers\` removes what the library does not know`,
    );
  }
};

/** Every file into an empty folder, each compared with its hash. */
const extract = async ({ path, entries }: OpenedBackup, into: string, work: BackupWork): Promise<void> => {
  const turn = createTurns();
  const options = counting('writing', totalOf(entries), work);
  for (const entry of entries) {
    await turn();
    const target = join(into, ...entry.name.split('/'));
    await mkdir(dirname(target), { recursive: true });
    await copyRange(path, entry, target, options);
  }
  await syncTree(into);
};

/** The model and data of this library with the same content. */
const ownersIn = (store: Store, { model, dataset }: OldOwners, path: string): NewOwners => {
  if (model === undefined || dataset === undefined)
    throw invalidInput(`${path}: is damaged: it does not say what the experiment was made on`);
  const wanted = model.identity === null ? null : contentHash(JSON.parse(model.identity) as never);
  const sameModel = store.models
    .list()
    .find(({ identity }) => identity !== null && contentHash(identity) === wanted);
  if (sameModel === undefined)
    throw new WorkbenchError(
      'not-found',
      `the experiment was made on the model "${model.name}" (content ${wanted?.slice(0, 12) ?? 'not known'}), and no model of this library holds the same: import it first`,
    );
  const sameData = store.datasets
    .list()
    .find(
      ({ trainSha256, validationSha256, format }) =>
        trainSha256 === dataset.train_sha256 &&
        validationSha256 === dataset.validation_sha256 &&
        JSON.stringify(format) === dataset.format,
    );
  if (sameData === undefined)
    throw new WorkbenchError(
      'not-found',
      `the experiment was made on the data "${dataset.name}" (SHA-256 ${dataset.train_sha256.slice(0, 12)}), and no data of this library holds the same in the same form: import it first`,
    );
  return { model: sameModel, dataset: sameData };
};
