import { existsSync } from 'node:fs';
import { dirname, posix, relative, sep } from 'node:path';
import { WorkbenchError } from '../../engine/errors.ts';
import { sealedFiles, sumsFile } from '../../engine/formats/sealed-folder.ts';
import { createTurns } from '../../engine/turns.ts';
import type { CheckpointRecord } from '../../store/repositories/checkpoints.ts';
import type { Store } from '../../store/store.ts';
import { findCheckpoints } from '../../trainer/run/checkpoint-folders.ts';
import { expectedFiles } from '../integrity/expected-files.ts';
import { runDirectoryOf } from '../runs/run-specification.ts';
import type { Damaged } from './backups-schema.ts';
import type { FileSum } from './file-sums.ts';
import type { Source } from './sources.ts';

/*
 * What a backup takes along may have been damaged before. It is saved all the same, since a person may have nothing better, and named: whoever
 * thinks that they have a whole copy throws the whole one away.
 */

interface Context {
  readonly store: Store;
  readonly dataDirectory: string;
}

interface Known {
  /** SHA-256 by the name in the backup. */
  readonly sums: ReadonlyMap<string, string>;
  /** Lists of sums that are no list any more. */
  readonly damaged: readonly Damaged[];
}

/** What the files were when they were written, as far as their own folders and the library say so. */
const knownSums = async ({ store, dataDirectory }: Context, sources: readonly Source[]): Promise<Known> => {
  const turn = createTurns();
  const sums = new Map<string, string>();
  const damaged: Damaged[] = [];
  for (const { files } of expectedFiles(store, dataDirectory))
    for (const { path, sha256 } of files) {
      await turn();
      const name = relative(dataDirectory, path).replaceAll(sep, '/');
      if (!name.startsWith('..')) sums.set(name, sha256);
    }
  for (const { name, path } of sources.filter((source) => posix.basename(source.name) === sumsFile)) {
    await turn();
    try {
      for (const file of sealedFiles(dirname(path)))
        sums.set(posix.join(posix.dirname(name), file.name), file.sha256);
    } catch (error) {
      if (!(error instanceof WorkbenchError)) throw error;
      damaged.push({ name, problem: error.message.replaceAll(path, '').replace(/^: /, '') });
    }
  }
  return { sums, damaged };
};

/** Folders that the library knows and nobody finds: adapters, and what runs would go on from. */
const goneFolders = async (
  { store, dataDirectory }: Context,
  experimentId: string | undefined,
): Promise<Damaged[]> => {
  const turn = createTurns();
  const runs =
    experimentId === undefined ? null : new Set(store.runs.ofExperiment(experimentId).map(({ id }) => id));
  const isSaved = (runId: string | null): boolean => runs === null || (runId !== null && runs.has(runId));
  const known = [
    ...store.adapters.all().map(({ runId, directory }) => ({ runId, directory })),
    ...store.checkpoints.all().filter((checkpoint) => isToGoOnFrom(dataDirectory, checkpoint)),
  ];
  const gone: Damaged[] = [];
  for (const { runId, directory } of known) {
    await turn();
    const name = relative(dataDirectory, directory).replaceAll(sep, '/');
    if (!isSaved(runId) || name.startsWith('..') || existsSync(directory)) continue;
    gone.push({ name, problem: 'it is gone' });
  }
  return gone;
};

/** Earlier ones were cleared away by the trainer that wrote the latest. */
const isToGoOnFrom = (dataDirectory: string, { runId, step }: CheckpointRecord): boolean =>
  step > (findCheckpoints(runDirectoryOf(dataDirectory, runId))[0]?.step ?? -1);

/** Which of the files that were read are not what they were when they were written, and what is gone. */
export const findDamaged = async (
  context: Context,
  experimentId: string | undefined,
  sources: readonly Source[],
  found: readonly FileSum[],
): Promise<Damaged[]> => {
  const turn = createTurns();
  const { sums, damaged } = await knownSums(context, sources);
  const hashes = new Map(found.map(({ name, sha256 }) => [name, sha256]));
  const tops = new Set(found.map(({ name }) => topOf(name)));
  const problems: Damaged[] = [...damaged, ...(await goneFolders(context, experimentId))];
  for (const [name, sha256] of sums) {
    await turn();
    const hash = hashes.get(name);
    if (hash === undefined && tops.has(topOf(name))) problems.push({ name, problem: 'it is gone' });
    else if (hash !== undefined && hash !== sha256)
      problems.push({ name, problem: 'its content is not what was written (another SHA-256)' });
  }
  return problems.toSorted((a, b) => (a.name < b.name ? -1 : 1));
};

/** `runs/ID`: what is saved as a whole. One that a person removed is nobody's loss here. */
const topOf = (name: string): string => name.split('/', 2).join('/');
