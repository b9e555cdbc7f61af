import { join } from 'node:path';
import { openProcessLock, type ProcessLock } from '../locks/process-lock.ts';
import { translateStoreError } from './store-errors.ts';

/** Which process may run a data directory's queue. */
export type QueueLock = Pick<ProcessLock, 'acquire' | 'acquireUnsigned' | 'held' | 'holder' | 'close'>;

/** @throws WorkbenchError where the lock's file can't be opened or written, here, from `acquire` and from `acquireUnsigned` */
export const openQueueLock = (directory: string): QueueLock => {
  const file = join(directory, 'queue-lock.sqlite');
  const translated = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw translateStoreError(error, file);
    }
  };
  const lock = translated(() => openProcessLock(file));
  return {
    acquire: () => translated(lock.acquire),
    acquireUnsigned: () => translated(lock.acquireUnsigned),
    get held() {
      return lock.held;
    },
    holder: lock.holder,
    close: lock.close,
  };
};
