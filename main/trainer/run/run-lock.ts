import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { WorkbenchError } from '../../engine/errors.ts';
import { makeFolderForGroup } from '../../engine/formats/group-rights.ts';
import { openProcessLock, type ProcessLock } from '../../locks/process-lock.ts';

/**
 * A trainer holds its run's lock for as long as it works in the run's folder: one whose workbench died may still be at work when the next
 * workbench starts the run again.
 */
export type RunLock = Pick<ProcessLock, 'isInPlace' | 'close'>;

const fileName = 'trainer-lock.sqlite';
const lookEveryMilliseconds = 200;
/** An earlier trainer notices after its step, or its file, that nobody waits for it any more. */
const patienceMilliseconds = 30_000;

interface Waiting {
  readonly patience?: number;
  /** Ends the waiting. @throws its reason */
  readonly signal?: AbortSignal;
}

/**
 * Takes a run's lock, and makes its folder where there is none. Waits a little for another who holds it.
 * @throws WorkbenchError 'conflict' where an earlier trainer doesn't give it back; 'internal' where it can't be locked
 */
export const takeRunLock = async (runDirectory: string, waiting: Waiting = {}): Promise<RunLock> => {
  const file = join(runDirectory, fileName);
  makeFolderForGroup(runDirectory);
  const lock = explained(file, () => openProcessLock(file));
  try {
    await waitUntil(() => explained(file, lock.acquire), lock, runDirectory, waiting);
    return lock;
  } catch (error) {
    lock.close();
    throw error;
  }
};

/**
 * Waits until no trainer works in a run's folder. Nobody but the caller may start one meanwhile.
 * @throws as `takeRunLock`
 */
export const untilUntrained = async (runDirectory: string, waiting: Waiting = {}): Promise<void> => {
  if (!existsSync(join(runDirectory, fileName))) return;
  (await takeRunLock(runDirectory, waiting)).close();
};

/**
 * Whether a trainer works in a run's folder at this moment. Writes nothing, so it is known on a disk that is full, too.
 * @throws as `takeRunLock`
 */
export const isTrained = (runDirectory: string): boolean => {
  const file = join(runDirectory, fileName);
  if (!existsSync(file)) return false;
  const lock = explained(file, () => openProcessLock(file));
  try {
    return !explained(file, lock.acquireUnsigned);
  } finally {
    lock.close();
  }
};

/** Whether a file of a run's folder is the lock's. It stays the same file for as long as the folder is there, and is nothing that a person has made. */
export const isOfRunLock = (name: string): boolean => name.startsWith(fileName);

const waitUntil = async (
  acquire: () => boolean,
  { holder }: Pick<ProcessLock, 'holder'>,
  runDirectory: string,
  { patience = patienceMilliseconds, signal }: Waiting,
): Promise<void> => {
  // Counted by looks: a machine that slept in between has not waited.
  for (let waited = 0; !acquire(); waited += lookEveryMilliseconds) {
    signal?.throwIfAborted();
    if (waited >= patience)
      throw new WorkbenchError(
        'conflict',
        `${runDirectory}: an earlier trainer (process ${holder() ?? 'unknown'}) is still at work on this run; wait until it has saved what it has done, or end that process, then start the run again`,
      );
    await sleep(lookEveryMilliseconds);
  }
};

const explained = <T>(file: string, work: () => T): T => {
  try {
    return work();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new WorkbenchError(
      'internal',
      `${file}: the run can't be locked (${reason}); see that its folder may be written to and that its disk has room`,
      { cause: error },
    );
  }
};
