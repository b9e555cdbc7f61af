import { WorkbenchError } from '../../engine/errors.ts';
import type { QueueLock } from '../../store/queue-lock.ts';

/** One process at a time runs a data directory's queue; any may look and edit. */
export interface Ownership {
  readonly held: boolean;
  /** @throws WorkbenchError `conflict` when another process runs the queue */
  require(): void;
}

export const heldByAnother = (lock: Pick<QueueLock, 'holder'>, dataDirectory: string): WorkbenchError => {
  const holder = lock.holder();
  const which = holder === null ? '' : ` (process ${holder})`;
  return new WorkbenchError(
    'conflict',
    `another NoRA Workbench${which} works with ${dataDirectory} at the moment: do this there, or close it first`,
  );
};

/** @param onAcquired called when this process comes to run the queue, before it does anything with it */
export const createOwnership = (
  lock: QueueLock,
  dataDirectory: string,
  onAcquired: () => void,
): Ownership => {
  const acquire = (): boolean => {
    if (lock.held) return true;
    if (!lock.acquire()) return false;
    onAcquired();
    return true;
  };
  try {
    acquire();
  } catch (error) {
    // A disk that is full, or can only be read, must not keep anybody from looking; whoever wants to start something hears of it then.
    if (!(error instanceof WorkbenchError)) throw error;
  }
  return {
    get held() {
      return lock.held;
    },
    require: () => {
      if (acquire()) return;
      throw heldByAnother(lock, dataDirectory);
    },
  };
};
