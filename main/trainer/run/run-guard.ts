import { WorkbenchError } from '../../engine/errors.ts';
import { isOrphan } from '../process/orphan.ts';
import type { RunLock } from './run-lock.ts';

/** Whether a trainer may still work in its run's folder. */
export interface RunGuard {
  /** Whether its workbench is gone: asked before each phase, and as it goes on. */
  readonly isAbandoned: () => boolean;
  /** Before each write. @throws WorkbenchError 'conflict' where the folder is another's by now */
  readonly assertOwned: () => void;
}

export const createRunGuard = (runDirectory: string, lock: RunLock): RunGuard => ({
  isAbandoned: isOrphan,
  assertOwned: () => {
    if (lock.isInPlace()) return;
    throw new WorkbenchError(
      'conflict',
      `${runDirectory}: the run's folder was removed or begun anew while an earlier trainer worked on it; nothing more is written there`,
    );
  },
});
