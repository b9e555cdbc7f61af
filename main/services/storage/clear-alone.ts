import { WorkbenchError } from '../../engine/errors.ts';
import { openQueueLock } from '../../store/queue-lock.ts';
import type { Store } from '../../store/store.ts';
import { isTrained } from '../../trainer/run/run-lock.ts';
import { runDirectoryOf } from '../runs/run-specification.ts';
import { activeStatuses } from '../runs/run-status.ts';
import { heldByAnother, type Ownership } from '../shared/ownership.ts';

/*
 * Whoever clears is alone: nothing is trained meanwhile, and what the library says is so. On a disk that is full nobody
 * can write down who runs the queue; there it is held without a name, for as long as clearing takes.
 */

interface AloneContext {
  readonly dataDirectory: string;
  readonly store: Store;
  readonly ownership: Ownership;
}

/**
 * Keeps every other workbench from training.
 * @returns lets go
 * @throws WorkbenchError `conflict` where another runs the queue; `no-space` where not even the name of a lock can be written
 */
export const holdQueue = ({ dataDirectory, store, ownership }: AloneContext): (() => void) => {
  if (store.viewedFor !== 'full' && requireWithRoom(ownership)) return () => undefined;
  const lock = openQueueLock(dataDirectory);
  try {
    if (lock.acquireUnsigned()) return lock.close;
    throw heldByAnother(lock, dataDirectory);
  } catch (error) {
    lock.close();
    throw error;
  }
};

/** @returns false where the disk has no room for it: one may be so full, and its library be open */
const requireWithRoom = (ownership: Ownership): boolean => {
  try {
    ownership.require();
    return true;
  } catch (error) {
    if (error instanceof WorkbenchError && error.code === 'no-space') return false;
    throw error;
  }
};

/** For whoever holds the queue. */
export const isTraining = ({ dataDirectory, store, ownership }: AloneContext): boolean => {
  const active = store.runs.withStatus(activeStatuses);
  if (ownership.held) return active.length > 0;
  // Nobody could write down yet that the workbench of these is gone. Their trainers may not be.
  return active.some((id) => isTrained(runDirectoryOf(dataDirectory, id)));
};

/** @throws WorkbenchError `conflict` where a copy is looked at, and somebody has written to the library since: what it does not know is no leftover */
export const assertCurrent = ({ dataDirectory, store }: AloneContext): void => {
  if (store.isCurrent()) return;
  throw new WorkbenchError(
    'conflict',
    `the library of ${dataDirectory} has been written to since it was opened: open it again, then clear`,
  );
};
