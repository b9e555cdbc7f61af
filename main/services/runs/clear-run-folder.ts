import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isClearable } from '../../trainer/run/run-lock.ts';

/** Removes what a run has on the disk. Nobody trains it meanwhile. */
export const clearRunFolder = (runDirectory: string): void => {
  if (!existsSync(runDirectory)) return;
  for (const name of readdirSync(runDirectory).filter(isClearable))
    rmSync(join(runDirectory, name), { recursive: true, force: true });
};
