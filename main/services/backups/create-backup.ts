import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { WorkbenchError } from '../../engine/errors.ts';
import { takeName, temporaryName } from '../../engine/formats/atomic-file.ts';
import { fileError } from '../../engine/formats/file-errors.ts';
import { makeFolder } from '../../engine/formats/make-folder.ts';
import { syncFolder } from '../../engine/formats/sync-folder.ts';
import { tarEnd, tarHeader, tarPadding } from '../../engine/formats/tar.ts';
import { createTurns } from '../../engine/turns.ts';
import { runApart } from '../../store/apart.ts';
import { takeExperiment } from '../../store/experiment-copy.ts';
import { assertSoundApart } from '../../store/library-copies.ts';
import type { Store } from '../../store/store.ts';
import { findDataset } from '../library/datasets.ts';
import { findModel } from '../library/models.ts';
import { findExperiment } from '../shared/experiment-lookup.ts';
import { now } from '../shared/identifiers.ts';
import { sumsName, sumsText, type FileSum } from './file-sums.ts';
import { findDamaged } from './known-sums.ts';
import { backupVersion, manifestName, type Manifest } from './manifest.ts';
import type { OpenedBackup } from './open-backup.ts';
import { hashOfRange, piecesOf } from './ranges.ts';
import { clearUnfinished } from './clear-unfinished.ts';
import { sourcesIn, type Source } from './sources.ts';
import { verifyBackup } from './verify-backup.ts';
import { counting, totalOf, type BackupWork } from './work.ts';

export interface BackupContext {
  readonly store: Store;
  readonly dataDirectory: string;
  readonly version: string;
}

/**
 * Writes everything, or one experiment, into one file, whole or not at all; it is read back and every hash compared before it has its name. All
 * that this takes lies beside that file: the data directory need not take writes.
 * @throws WorkbenchError 'conflict' where the file is there, or one of the sources changes meanwhile
 */
export const createBackup = async (
  context: BackupContext,
  { target, experimentId }: { readonly target: string; readonly experimentId: string | undefined },
  work: BackupWork,
): Promise<OpenedBackup> => {
  if (existsSync(target)) throw taken(target);
  const workspace = temporaryName(target);
  const made = join(workspace, 'made');
  try {
    makeFolder(dirname(target));
    await clearUnfinished(target);
    await mkdir(workspace, { mode: 0o700 });
    const sources = await sourcesOf(context, workspace, experimentId);
    const files = await hashed(sources, work);
    const manifest = await manifestOf(context, sources[0]!.path, experimentId, {
      damaged: await findDamaged(context, experimentId, sources, files),
    });
    await write(made, { manifest, files, sources }, work);
    const backup = await verifyBackup(made, work);
    if (!takeName(made, target)) throw taken(target);
    syncFolder(dirname(target));
    return { ...backup, path: target };
  } catch (error) {
    throw fileError(namingTarget(error, made, target), 'write', target);
  } finally {
    await rm(workspace, { recursive: true, force: true });
  }
};

const taken = (target: string): WorkbenchError =>
  new WorkbenchError('conflict', `${target}: there is something already; choose another name`);

const namingTarget = (error: unknown, made: string, target: string): unknown =>
  error instanceof WorkbenchError
    ? new WorkbenchError(error.code, error.message.replaceAll(made, target), { cause: error })
    : error;

/** The library first: what its rows speak of is there when they are copied, and is listed after. */
const sourcesOf = async (
  context: BackupContext,
  workspace: string,
  experimentId: string | undefined,
): Promise<Source[]> => {
  const name = experimentId === undefined ? 'workbench.sqlite' : 'experiment.sqlite';
  const path = join(workspace, name);
  const { libraryFile } = context.store;
  if (experimentId === undefined) await runApart(libraryFile, [{ sql: 'VACUUM INTO ?', values: [path] }]);
  else await takeExperiment(libraryFile, experimentId, path);
  // Restoring would refuse it, on the day that it is needed.
  await assertSoundApart(path, libraryFile);
  const sources: Source[] = [{ name, path, bytes: (await stat(path)).size }];
  for await (const source of sourcesIn(context, experimentId)) sources.push(source);
  return sources;
};

const hashed = async (sources: readonly Source[], work: BackupWork): Promise<FileSum[]> => {
  const turn = createTurns();
  const options = counting('reading', totalOf(sources), work);
  const files: FileSum[] = [];
  for (const { name, path, bytes } of sources) {
    await turn();
    files.push({ name, bytes, sha256: await hashOfRange(path, { offset: 0, bytes }, options) });
  }
  return files;
};

const manifestOf = async (
  { store, dataDirectory, version }: BackupContext,
  library: string,
  experimentId: string | undefined,
  found: Pick<Manifest, 'damaged'>,
): Promise<Manifest> => {
  const [rows] = await runApart(library, [{ sql: 'PRAGMA user_version' }]);
  return {
    ...{ format: 'nora-backup', version: backupVersion, createdAt: now(), workbench: version },
    ...{ dataVersion: rows![0]!['user_version'] as number, dataDirectory },
    experiment: experimentId === undefined ? null : experimentOf(store, experimentId),
    ...found,
  };
};

const experimentOf = (store: Store, experimentId: string): NonNullable<Manifest['experiment']> => {
  const { id, name, modelId, datasetId } = findExperiment(store, experimentId);
  const [model, dataset] = [findModel(store, modelId), findDataset(store, datasetId)];
  const { trainSha256, validationSha256 } = dataset;
  return {
    ...{ id, name, runs: store.runs.ofExperiment(id).map((run) => run.id) },
    uses: {
      model: { name: model.name, files: model.identity && [...model.identity] },
      dataset: { name: dataset.name, trainSha256, validationSha256 },
    },
  };
};

interface Contents {
  readonly manifest: Manifest;
  readonly files: readonly FileSum[];
  readonly sources: readonly Source[];
}

const write = async (
  path: string,
  { manifest, files, sources }: Contents,
  work: BackupWork,
): Promise<void> => {
  const turn = createTurns();
  const seconds = Math.floor(Date.parse(manifest.createdAt) / 1000);
  const head = Buffer.from(`${JSON.stringify(manifest, null, 1)}\n`, 'utf8');
  const sha256 = createHash('sha256').update(head).digest('hex');
  const sums = await sumsText([{ name: manifestName, sha256 }, ...files]);
  const { signal, onBytes } = counting('writing', totalOf(sources), work);
  const file = await open(path, 'wx', 0o600);
  try {
    for (const [name, bytes] of [[manifestName, head] as const, [sumsName, sums] as const]) {
      await file.writeFile(tarHeader(name, bytes.length, seconds));
      await file.writeFile(bytes);
      await file.writeFile(tarPadding(bytes.length));
    }
    for (const { name, path: source, bytes } of sources) {
      await turn();
      await file.writeFile(tarHeader(name, bytes, seconds));
      let written = 0;
      for await (const piece of piecesOf(source, { offset: 0, bytes }, signal)) {
        await file.writeFile(piece);
        written += piece.length;
        onBytes(piece.length);
      }
      if (written !== bytes) throw changedMeanwhile(source);
      await file.writeFile(tarPadding(bytes));
    }
    await file.writeFile(tarEnd());
    await file.sync();
  } finally {
    await file.close();
  }
};

const changedMeanwhile = (source: string): WorkbenchError =>
  new WorkbenchError(
    'conflict',
    `${source}: changed while it was backed up; try again when nothing writes it`,
  );
