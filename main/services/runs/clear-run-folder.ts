import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isOfRunLock } from '../../trainer/run/run-lock.ts';

/** Removes what a run has on the disk, all but its lock. Nobody trains it meanwhile. */
export const clearRunFolder = (runDirectory: string): void => {
  if (!existsSync(runDirectory)) return;
  for (const name of readdirSync(runDirectory).filter((file) => !isOfRunLock(file)))
    rmSync(join(runDirectory, name), { recursive: true, force: true });
};
