import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { unfinishedBeside, unfinishedOf } from '../../engine/formats/atomic-file.ts';
import { createTurns } from '../../engine/turns.ts';
import type { Store } from '../../store/store.ts';
import { isId } from '../shared/identifiers.ts';

/** What lies about and serves nobody. */
export interface Leftover {
  readonly path: string;
  /**
   * `unfinished`: a file or folder that somebody began to write and did not end. `unknown-run`, `unknown-adapter`: a folder that the
   * library knows nothing of; it may be of a library that was lost, so it goes only when a person says so.
   */
  readonly kind: 'unfinished' | 'unknown-run' | 'unknown-adapter';
}

interface LeftoversContext {
  readonly dataDirectory: string;
  readonly store: Pick<Store, 'runs' | 'removals' | 'adapters' | 'exports' | 'models'>;
}

/** Folders for as long as a check of exported weights, or the start of a session, takes. */
const passingPrefixes = ['.nora-check-', '.nora-weights-'];

/** Runs lie two folders below the data directory, and their checkpoints two more. */
const deepest = 5;

/** All of them, in the data directory and where exports and models lie. What is being written right now is among them. */
export const findLeftovers = async ({ dataDirectory, store }: LeftoversContext): Promise<Leftover[]> => {
  const unfinished = new Set(await unfinishedWithin(dataDirectory, deepest));
  const running = new Set(store.exports.withStatus('running').map(({ destination }) => destination));
  for (const destination of store.exports.destinations()) {
    for (const path of unfinishedBeside(destination)) unfinished.add(path);
    for (const path of await passingIn(join(destination, '..'))) unfinished.add(path);
  }
  for (const { directory } of store.models.list())
    for (const path of await passingIn(directory)) unfinished.add(path);
  for (const destination of running)
    for (const path of unfinishedBeside(destination)) unfinished.delete(path);
  return [
    ...[...unfinished].map((path): Leftover => ({ path, kind: 'unfinished' })),
    ...(await unknownIn(join(dataDirectory, 'runs'), 'unknown-run', (id) => knowsRun(store, id))),
    ...(await unknownIn(
      join(dataDirectory, 'adapters'),
      'unknown-adapter',
      (id) => store.adapters.find(id)?.id === id,
    )),
  ];
};

export const knowsRun = ({ runs, removals }: LeftoversContext['store'], id: string): boolean =>
  runs.find(id) !== undefined || removals.holdsRun(id);

/** Of a folder; none where it is a file, a link, gone or not to be read: nothing of that can be cleared. */
export const namesIn = async (directory: string): Promise<string[]> => {
  try {
    return (await lstat(directory)).isDirectory() ? await readdir(directory) : [];
  } catch {
    return [];
  }
};

const isPassing = (name: string): boolean => passingPrefixes.some((prefix) => name.startsWith(prefix));

const passingIn = async (directory: string): Promise<string[]> =>
  (await namesIn(directory)).filter(isPassing).map((name) => join(directory, name));

const unfinishedWithin = async (directory: string, depth: number): Promise<string[]> => {
  const found: string[] = [];
  for (const name of await namesIn(directory)) {
    const path = join(directory, name);
    if (unfinishedOf(name) !== undefined || isPassing(name)) found.push(path);
    else if (depth > 1) found.push(...(await unfinishedWithin(path, depth - 1)));
  }
  return found;
};

/** Folders with names of ours: what bears another name is somebody else's. */
const unknownIn = async (
  directory: string,
  kind: Leftover['kind'],
  isKnown: (id: string) => boolean,
): Promise<Leftover[]> => {
  const turn = createTurns();
  const found: Leftover[] = [];
  for (const id of await namesIn(directory)) {
    await turn();
    if (isId(id) && !isKnown(id)) found.push({ path: join(directory, id), kind });
  }
  return found;
};

/** When anything in it was last written, in milliseconds since 1970; undefined where it is gone. */
const lastWritten = async (path: string): Promise<number | undefined> => {
  try {
    const found = await lstat(path);
    if (!found.isDirectory()) return found.mtimeMs;
    const within = await Promise.all((await readdir(path)).map((name) => lastWritten(join(path, name))));
    return Math.max(found.mtimeMs, ...within.filter((time) => time !== undefined));
  } catch {
    return undefined;
  }
};

/**
 * Whether nobody can be writing it any more: whoever writes does so all the time. A time in the future says nothing, since clocks are set
 * back.
 */
export const isAtRestSince = async (path: string, milliseconds: number): Promise<boolean> => {
  const written = await lastWritten(path);
  return written !== undefined && Date.now() - written > milliseconds;
};
