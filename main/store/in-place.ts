import { statSync } from 'node:fs';
import { WorkbenchError } from '../engine/errors.ts';

/** Whether a file still is the one that was opened. */
export interface InPlace {
  (): boolean;
}

const identityOf = (file: string): string | undefined => {
  try {
    const stats = statSync(file, { bigint: true, throwIfNoEntry: false });
    return stats && `${stats.dev} ${stats.ino}`;
  } catch {
    return undefined; // its folder can't be looked into any more
  }
};

/**
 * A database that is open can be written after its folder was removed or its disk was taken away: all of that is lost without a word. So
 * whoever works with one asks first.
 */
export const watchPlace = (file: string): InPlace => {
  const opened = identityOf(file);
  return () => opened !== undefined && identityOf(file) === opened;
};

export const goneError = (file: string): WorkbenchError =>
  new WorkbenchError(
    'conflict',
    `${file} is gone: its folder was removed or its disk taken away, and nothing more can be kept; bring it back, then start the workbench again`,
  );
