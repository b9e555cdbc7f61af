import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { WorkbenchError } from '../../engine/errors.ts';
import { temporaryName, unfinishedOf } from '../../engine/formats/atomic-file.ts';
import { fileError } from '../../engine/formats/file-errors.ts';
import { syncFolder } from '../../engine/formats/sync-folder.ts';
import { tarEnd, tarHeader, tarPadding } from '../../engine/formats/tar.ts';
import { runApart } from '../../store/apart.ts';
import { takeExperiment } from '../../store/experiment-copy.ts';
import { assertSoundApart } from '../../store/library-copies.ts';
import { databaseFileOf } from '../../store/places.ts';
import type { Store } from '../../store/store.ts';
import { runDirectoryOf } from '../runs/run-specification.ts';
import { findDataset } from '../library/datasets.ts';
import { findModel } from '../library/models.ts';
import { findExperiment } from '../shared/experiment-lookup.ts';
import { now } from '../shared/identifiers.ts';
import { manifestName, openBackup, type Manifest, type ManifestEntry } from './manifest.ts';
import { hashOfRange, piecesOf } from './ranges.ts';

export interface BackupContext {
  readonly store: Store;
  readonly dataDirectory: string;
  readonly version: string;
}

/** What a backup says of how it comes along. Bytes. */
export interface BackupWork {
  readonly signal: AbortSignal;
  readonly onProgress: (phase: 'reading' | 'writing' | 'verifying', done: number, total: number) => void;
}

/** A file that goes along, and where it lies now. */
interface Source {
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
}

/** What of a data directory is a person's work. The rest is made again, or is of this machine. */
const folders = ['runs', 'adapters', 'exports', 'templates'];

/**
 * Writes everything, or one experiment, into one file, whole or not at all; it is read back and every hash compared before it has its name.
 * @throws WorkbenchError 'conflict' where the file is there, or one of the sources changes meanwhile
 */
export const createBackup = async (
  context: BackupContext,
  { target, experimentId }: { readonly target: string; readonly experimentId: string | undefined },
  work: BackupWork,
): Promise<Manifest> => {
  if (existsSync(target))
    throw new WorkbenchError('conflict', `${target}: there is something already; choose another name`);
  const temporary = temporaryName(target);
  const workspace = await mkdtemp(join(context.dataDirectory, '.nora-check-'));
  try {
    const sources = await sourcesOf(context, workspace, experimentId);
    const entries = await hashed(sources, work);
    const manifest = await manifestOf(context, workspace, experimentId, entries);
    await write(temporary, manifest, sources, work);
    await verifyBackup(temporary, work);
    await rename(temporary, target);
    syncFolder(dirname(target));
    return manifest;
  } catch (error) {
    throw fileError(namingTarget(error, temporary, target), 'write', target);
  } finally {
    await rm(temporary, { force: true });
    await rm(workspace, { recursive: true, force: true });
  }
};

const namingTarget = (error: unknown, temporary: string, target: string): unknown =>
  error instanceof WorkbenchError
    ? new WorkbenchError(error.code, error.message.replaceAll(temporary, target), { cause: error })
    : error;

const libraryName = (experimentId: string | undefined): string =>
  experimentId === undefined ? 'workbench.sqlite' : 'experiment.sqlite';

/** The library first: what its rows speak of is there when they are copied, and is listed after. */
const sourcesOf = async (
  { store, dataDirectory }: BackupContext,
  workspace: string,
  experimentId: string | undefined,
): Promise<Source[]> => {
  const name = libraryName(experimentId);
  const path = join(workspace, name);
  const library = databaseFileOf(dataDirectory);
  if (experimentId === undefined) await runApart(library, [{ sql: 'VACUUM INTO ?', values: [path] }]);
  else await takeExperiment(library, experimentId, path);
  // Restoring would refuse it, on the day that it is needed.
  await assertSoundApart(path, library);
  const sources: Source[] = [{ name, path, bytes: (await stat(path)).size }];
  if (experimentId === undefined) {
    for (const folder of folders) sources.push(...(await filesIn(join(dataDirectory, folder), folder)));
    return sources;
  }
  for (const run of store.runs.ofExperiment(experimentId))
    sources.push(...(await filesIn(runDirectoryOf(dataDirectory, run.id), `runs/${run.id}`)));
  return sources;
};

/** Regular files, sorted; what was begun and never finished stays behind, and so do links. */
const filesIn = async (directory: string, name: string): Promise<Source[]> => {
  if (!existsSync(directory)) return [];
  const found: Source[] = [];
  const entries = await readdir(directory, { withFileTypes: true });
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (unfinishedOf(entry.name) !== undefined) continue;
    const [path, inner] = [join(directory, entry.name), `${name}/${entry.name}`];
    if (entry.isDirectory()) found.push(...(await filesIn(path, inner)));
    else if (entry.isFile()) found.push({ name: inner, path, bytes: (await stat(path)).size });
  }
  return found;
};

const totalOf = (entries: readonly { readonly bytes: number }[]): number =>
  entries.reduce((sum, { bytes }) => sum + bytes, 0);

/** Counts bytes over several files. */
const counting = (
  phase: Parameters<BackupWork['onProgress']>[0],
  total: number,
  { signal, onProgress }: BackupWork,
) => {
  let done = 0;
  return { signal, onBytes: (bytes: number): void => onProgress(phase, (done += bytes), total) };
};

const hashed = async (sources: readonly Source[], work: BackupWork): Promise<ManifestEntry[]> => {
  const options = counting('reading', totalOf(sources), work);
  const entries: ManifestEntry[] = [];
  for (const { name, path, bytes } of sources)
    entries.push({ name, bytes, sha256: await hashOfRange(path, { offset: 0, bytes }, options) });
  return entries;
};

const manifestOf = async (
  { store, dataDirectory, version }: BackupContext,
  workspace: string,
  experimentId: string | undefined,
  entries: readonly ManifestEntry[],
): Promise<Manifest> => {
  const library = join(workspace, libraryName(experimentId));
  const [rows] = await runApart(library, [{ sql: 'PRAGMA user_version' }]);
  return {
    ...{ format: 'nora-backup', version: 1, createdAt: now(), workbench: version },
    ...{ dataVersion: rows![0]!['user_version'] as number, dataDirectory },
    experiment: experimentId === undefined ? null : experimentOf(store, experimentId),
    entries: [...entries],
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

const write = async (
  path: string,
  manifest: Manifest,
  sources: readonly Source[],
  work: BackupWork,
): Promise<void> => {
  await mkdir(dirname(path), { recursive: true });
  const seconds = Math.floor(Date.parse(manifest.createdAt) / 1000);
  const text = Buffer.from(`${JSON.stringify(manifest, null, 1)}\n`, 'utf8');
  const { signal, onBytes } = counting('writing', totalOf(sources), work);
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(tarHeader(manifestName, text.length, seconds));
    await file.writeFile(text);
    await file.writeFile(tarPadding(text.length));
    for (const { name, path: source, bytes } of sources) {
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

/**
 * Reads all of a backup and compares every hash.
 * @throws WorkbenchError naming what is other than was saved
 */
export const verifyBackup = async (path: string, work: BackupWork): Promise<Manifest> => {
  const { manifest, entries } = await openBackup(path);
  const options = counting('verifying', totalOf(entries), work);
  for (const entry of entries)
    if ((await hashOfRange(path, entry, options)) !== entry.sha256)
      throw new WorkbenchError(
        'conflict',
        `${path}: is damaged: "${entry.name}" is not what was saved (another SHA-256)`,
      );
  return manifest;
};
