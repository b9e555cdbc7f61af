import { join } from 'node:path';
import { expect } from 'vitest';
import { checkCheckpoint, readCheckpoint } from '../../main/engine/train/checkpoint.ts';
import { findCheckpoints } from '../../main/trainer/run/checkpoint-folders.ts';
import { openEventLog } from '../../main/trainer/run/event-log.ts';
import type { RunInProgress } from '../../main/trainer/run/run-in-progress.ts';
import { saveCheckpoint } from '../../main/trainer/run/save-checkpoint.ts';
import { checkpointOf } from '../support/checkpoint.ts';

export const steps = [1, 2, 3];
export const runOf = (directory: string): string => join(directory, 'run');

/** As a run does: measures, then writes a checkpoint, of which others hear. */
export const writeCheckpoints = async (directory: string, mark: (name: string) => void): Promise<void> => {
  const runDirectory = runOf(directory);
  const log = openEventLog(runDirectory, { goesOn: false });
  for (const step of steps) {
    log.append({ type: 'metrics', metrics: [{ step, name: 'train/loss', value: 1 / step }] });
    const { state, progress } = checkpointOf(step);
    const { stream, ...rest } = progress;
    // What saving a checkpoint takes of a run.
    const run = {
      specification: { runDirectory, training: { keepBest: false } },
      prepared: { startSeal: null },
      trainer: { state: () => Promise.resolve(state) },
      stream: { state: () => stream },
      journal: { progress: () => rest, evaluations: [] },
      emit: () => mark(String(step)),
      guard: { assertOwned: () => undefined },
      events: log,
    };
    await saveCheckpoint(run as unknown as RunInProgress);
  }
  log.close();
};

/** The step of the last checkpoint that is what was written; 0 where there is none. */
export const lastWhole = async (runDirectory: string): Promise<number> => {
  for (const { step, directory } of findCheckpoints(runDirectory))
    try {
      await checkCheckpoint(directory);
      expect(readCheckpoint(directory, 4)).toEqual(checkpointOf(step));
      return step;
    } catch (error) {
      if (!(error instanceof Error) || error.name === 'AssertionError') throw error;
    }
  return 0;
};
