import { setTimeout as sleep } from 'node:timers/promises';
import { WorkbenchError } from '../../engine/errors.ts';
import type { WorkLock } from '../../store/work-lock.ts';

/*
 * Exports, imports and backups write and read files of a data directory over minutes, in this process and in others. Whoever removes files there,
 * or changes what the library says of them, does so while nobody is at it.
 */

export interface UnderWay {
  /**
   * Waits for whoever works alone.
   * @param what in words: `an export is being written`
   * @returns what is called when it has ended
   * @throws WorkbenchError 'conflict' where that takes too long
   */
  begin(what: string): Promise<() => void>;
  during<Result>(what: string, work: () => Promise<Result>): Promise<Result>;
  /**
   * Waits for whoever else clears or repairs here: the sweep at the opening is over in a moment.
   * @returns what is called when it has ended
   * @throws WorkbenchError 'conflict' naming what is under way
   */
  beginAlone(): Promise<() => void>;
  close(): void;
}

const lookEveryMilliseconds = 100;
const patienceMilliseconds = 30_000;

const conflict = (text: string): WorkbenchError => new WorkbenchError('conflict', text);

/** @param openLock opens the lock of the data directory; absent where that can only be read, and nobody clears or repairs it */
export const createUnderWay = (openLock?: () => WorkLock): UnderWay => {
  const underWay = new Map<symbol, string>();
  let lock: WorkLock | undefined;
  let isAlone = false;

  const share = (): boolean => {
    if (openLock === undefined) return true;
    if (isAlone) return false;
    return underWay.size > 0 || (lock ??= openLock()).share();
  };

  const waitUntil = async (isFree: () => boolean): Promise<void> => {
    // Counted by looks: a machine that slept in between has not waited.
    for (let waited = 0; !isFree(); waited += lookEveryMilliseconds) {
      if (waited >= patienceMilliseconds)
        throw conflict('files are being cleared or repaired at the moment: try again when that is done');
      await sleep(lookEveryMilliseconds);
    }
  };
  const begin: UnderWay['begin'] = async (what) => {
    await waitUntil(share);
    const key = Symbol(what);
    underWay.set(key, what);
    return () => {
      if (underWay.delete(key) && underWay.size === 0) lock?.release();
    };
  };

  return {
    begin,
    during: async (what, work) => {
      const end = await begin(what);
      try {
        return await work();
      } finally {
        end();
      }
    },
    beginAlone: async () => {
      await waitUntil(() => !isAlone);
      const [what] = underWay.values();
      if (what !== undefined) throw conflict(`${what}: wait until that is done`);
      if (openLock !== undefined && !(lock ??= openLock()).exclude())
        throw conflict(
          'another NoRA Workbench imports, exports or backs up at the moment: wait until that is done',
        );
      isAlone = true;
      return () => {
        isAlone = false;
        lock?.release();
      };
    },
    close: () => lock?.close(),
  };
};
