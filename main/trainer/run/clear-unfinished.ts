import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { unfinishedOf } from '../../engine/formats/atomic-file.ts';
import { samplesFolder } from './samples/sample-folders.ts';

/** Removes from a run's folder what an earlier trainer was writing when it was killed. Only the holder of the run's lock may. */
export const clearUnfinished = (runDirectory: string): void => {
  for (const folder of [runDirectory, join(runDirectory, 'checkpoints'), samplesFolder(runDirectory)]) {
    if (!existsSync(folder)) continue;
    for (const name of readdirSync(folder))
      if (unfinishedOf(name) !== undefined) rmSync(join(folder, name), { recursive: true, force: true });
  }
};
