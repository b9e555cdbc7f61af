import { rm } from 'node:fs/promises';
import { unfinishedBeside } from '../../engine/formats/atomic-file.ts';
import { isAtRestSince } from '../storage/leftovers.ts';

/** Of a backup only what it writes is touched, and it reads for hours where there is much. */
const restMilliseconds = 24 * 60 * 60_000;

/** Removes what killed attempts to write this file or folder have left beside it; it lies where no data directory's sweep looks. */
export const clearUnfinished = async (target: string): Promise<void> => {
  for (const path of unfinishedBeside(target))
    if (await isAtRestSince(path, restMilliseconds)) await rm(path, { recursive: true, force: true });
};
