import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { WorkbenchError } from '../../engine/errors.ts';
import type { Store } from '../../store/store.ts';
import { activeStatuses } from '../runs/run-status.ts';
import { cacheDirectoryOf } from '../shared/cache-directory.ts';
import { isId } from '../shared/identifiers.ts';
import type { Ownership } from '../shared/ownership.ts';
import { diskOf } from './disk.ts';
import { sizeOf, together, type FolderSize } from './folder-size.ts';
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
  /** Whether a model answers questions at the moment: its weights may lie in the cache. */
  readonly isAnswering: () => boolean;
}

/** What the data directory holds and how much of the disk it takes. */
export const createStorageService = (context: StorageContext) => ({
  async show(): Promise<Storage> {
    const parts = await pathsByPart(context);
    const sizes: Storage['parts'] = [];
    for (const name of storagePartNames) {
      const measured: FolderSize[] = [];
      for (const path of parts[name]) measured.push(await sizeOf(path));
      sizes.push({ name, ...together(measured) });
    }
    return { ...(await diskOf(context.dataDirectory)), parts: sizes };
  },

  /**
   * Removes what nothing depends on; gives what was removed.
   * @throws WorkbenchError `conflict` while something works that may read or write it
   */
  async clear({ part }: { part: ClearablePartName }): Promise<FolderSize> {
    context.ownership.require();
    const [busy] = context.store.runs.withStatus(activeStatuses);
    if (busy !== undefined || context.isAnswering())
      throw new WorkbenchError(
        'conflict',
        'a run or a model that answers may be reading these files: wait for it, or pause or close it first',
      );
    const removed: FolderSize[] = [];
    for (const path of (await pathsByPart(context))[part]) {
      removed.push(await sizeOf(path));
      await rm(path, { recursive: true, force: true });
    }
    return together(removed);
  },
});

/** Each file and folder at the top of the data directory by what it is, and each run's folder by whether the library knows the run. */
const pathsByPart = async ({
  dataDirectory,
  store,
}: StorageContext): Promise<Record<StoragePartName, string[]>> => {
  const parts = Object.fromEntries(storagePartNames.map((name) => [name, [] as string[]])) as Record<
    StoragePartName,
    string[]
  >;
  for (const entry of await readdir(dataDirectory)) {
    const path = join(dataDirectory, entry);
    if (path === cacheDirectoryOf(dataDirectory)) parts.cache.push(path);
    else if (/\.sqlite(-wal|-shm|-journal)?$/.test(entry)) parts.library.push(path);
    else if (entry === 'adapters' || entry === 'exports') parts[entry].push(path);
    else if (entry !== 'runs') parts.other.push(path);
  }
  const runs = join(dataDirectory, 'runs');
  for (const id of existsSync(runs) ? await readdir(runs) : []) {
    const isKnown = store.runs.find(id) !== undefined || store.removals.holdsRun(id);
    parts[isKnown ? 'runs' : isId(id) ? 'leftovers' : 'other'].push(join(runs, id));
  }
  return parts;
};
