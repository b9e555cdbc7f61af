import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Where a run keeps what it drew. */
export const samplesFolder = (runDirectory: string): string => join(runDirectory, 'samples');

const nameOf = (step: number): string => `step-${String(step).padStart(8, '0')}`;

/** The folder of what was drawn after so many optimizer steps, below the run's, with `/`. */
export const samplesAt = (step: number): string => `samples/${nameOf(step)}`;

/** Removes what an earlier trainer drew after the step that this one goes on from. Only the holder of the run's lock may. */
export const clearSamplesAfter = (runDirectory: string, step: number): void => {
  const folder = samplesFolder(runDirectory);
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    const of = Number(/^step-(\d+)$/.exec(name)?.[1] ?? NaN);
    if (of > step) rmSync(join(folder, name), { recursive: true, force: true });
  }
};
