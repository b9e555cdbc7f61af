import { join } from 'node:path';
import { openSharedLock, type SharedLock } from '../locks/shared-lock.ts';
import { translateStoreError } from './store-errors.ts';

/** Shared by many, or held by one alone. */
export type WorkLock = SharedLock;

/**
 * Shared by all who write files into a data directory, and held alone by whoever clears or repairs there.
 * @throws WorkbenchError where its file can't be opened, here and from `share` and `exclude`
 */
export const openWorkLock = (directory: string): WorkLock => {
  const file = join(directory, 'work-lock.sqlite');
  const translated = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw translateStoreError(error, file);
    }
  };
  const lock = translated(() => openSharedLock(file));
  return {
    ...lock,
    share: () => translated(lock.share),
    exclude: () => translated(lock.exclude),
  };
};
