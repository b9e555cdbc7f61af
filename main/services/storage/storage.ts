import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { WorkbenchError } from '../../engine/errors.ts';
import { libraryCopies } from '../../store/library-copies.ts';
import { copiesDirectoryOf } from '../../store/places.ts';
import type { Store } from '../../store/store.ts';
import { cacheDirectoryOf } from '../shared/cache-directory.ts';
import type { Ownership } from '../shared/ownership.ts';
import type { UnderWay } from '../shared/under-way.ts';
import { cachedFiles } from './cached-files.ts';
import { assertCurrent, holdQueue, isTraining } from './clear-alone.ts';
import { diskOf } from './disk.ts';
import { sizeOf, together, type FolderSize } from './folder-size.ts';
import { findLeftovers, isAtRestSince, knowsRun, namesIn } from './leftovers.ts';
import {
  storagePartNames,
  type ClearablePartName,
  type Storage,
  type StoragePartName,
} from './storage-schema.ts';

interface StorageContext {
  readonly dataDirectory: string;
  readonly store: Store;
  readonly ownership: Ownership;
  readonly underWay: UnderWay;
  /** Whether a model answers questions at the moment: its weights may lie in the cache. */
  readonly isAnswering: () => boolean;
}

/** Whoever writes a file does so all the time. */
const restMilliseconds = 60_000;

/** What the data directory holds and how much of the disk it takes. */
export const createStorageService = (context: StorageContext) => ({
  async show(): Promise<Storage> {
    const parts = await pathsByPart(context);
    const isLeft = new Set(parts.leftovers);
    const sizes: Storage['parts'] = [];
    for (const name of storagePartNames) {
      const measured: FolderSize[] = [];
      const apart = name === 'leftovers' ? undefined : isLeft;
      for (const path of parts[name]) measured.push(await sizeOf(path, apart));
      sizes.push({ name, ...together(measured) });
    }
    return { ...(await diskOf(context.dataDirectory)), parts: sizes };
  },

  /**
   * Removes what nothing depends on; gives what was removed.
   * @throws WorkbenchError `conflict` while something works that may read or write it
   */
  async clear({ part }: { part: ClearablePartName }): Promise<FolderSize> {
    const letGo = holdQueue(context);
    try {
      if (isTraining(context) || context.isAnswering())
        throw new WorkbenchError(
          'conflict',
          'a run or a model that answers may be reading these files: wait for it, or pause or close it first',
        );
      const end = await context.underWay.beginAlone();
      try {
        assertCurrent(context);
        return together(await clearPart(context, part));
      } finally {
        end();
      }
    } finally {
      letGo();
    }
  },
});

/** @returns what was removed */
const clearPart = async (context: StorageContext, part: ClearablePartName): Promise<FolderSize[]> => {
  const removed: FolderSize[] = [];
  for (const path of (await pathsByPart(context))[part]) {
    // A trainer that nobody waits for any more may be writing it.
    if (part === 'leftovers' && !(await isAtRestSince(path, restMilliseconds))) continue;
    removed.push(await sizeOf(path));
    await rm(path, { recursive: true, force: true });
  }
  return removed;
};

/** Each file and folder at the top of the data directory, of its runs and of its cache by what it is; what is left over by itself. */
const pathsByPart = async (context: StorageContext): Promise<Record<StoragePartName, string[]>> => {
  const { dataDirectory, store } = context;
  const [runs, cache] = [join(dataDirectory, 'runs'), cacheDirectoryOf(dataDirectory)];
  const copies = copiesDirectoryOf(dataDirectory);
  const leftovers = (await findLeftovers(context)).map(({ path }) => path);
  const isLeft = new Set(leftovers);
  const parts = Object.fromEntries(storagePartNames.map((name) => [name, [] as string[]])) as Record<
    StoragePartName,
    string[]
  >;
  const put = (part: StoragePartName, path: string): void => {
    if (!isLeft.has(path)) parts[part].push(path);
  };
  for (const name of await readdir(dataDirectory)) {
    const path = join(dataDirectory, name);
    if (path !== runs && path !== cache && path !== copies) put(partOf(name), path);
  }
  for (const id of await namesIn(runs)) put(knowsRun(store, id) ? 'runs' : 'other', join(runs, id));
  const isCopy = new Set(libraryCopies(dataDirectory));
  for (const name of await namesIn(copies)) {
    const path = join(copies, name);
    put(isCopy.has(path) ? 'copies' : 'other', path);
  }
  const { bases, answers, others } = await cachedFiles(cache);
  bases.forEach((path) => put('bases', path));
  answers.forEach((path) => put('cache', path));
  others.forEach((path) => put('other', path));
  return { ...parts, leftovers };
};

const partOf = (name: string): StoragePartName => {
  if (/\.sqlite(-wal|-shm|-journal)?$/.test(name)) return 'library';
  return name === 'adapters' || name === 'exports' ? name : 'other';
};
