import type { DataOverlap } from '../../../trainer/protocol/overlap-schema.ts';
import type { TrainerCommand } from '../../../trainer/protocol/protocol.ts';
import type { SpawnTrainer } from '../../../trainer/process/trainer-process.ts';
import { modelLimits } from '../../trainer-jobs/job-limits.ts';
import { askTrainer } from '../../trainer-jobs/trainer-question.ts';

/** Each arm's runs from each seed, as they will be started. */
export type PlannedRuns = Extract<TrainerCommand, { type: 'overlap' }>['runs'];

/** Ends early, with an error, once the signal is aborted. */
export type FindOverlap = (runs: PlannedRuns, signal?: AbortSignal) => Promise<DataOverlap>;

/**
 * Data of any size are read and tokenized as for a run, so it is a process's job, with a limit of memory and
 * silence alone.
 */
export const overlapInTrainer =
  (spawn: SpawnTrainer): FindOverlap =>
  async (runs, signal) => {
    const { overlap } = await askTrainer(spawn, { type: 'overlap', runs }, 'overlapped', {
      signal,
      limits: modelLimits,
    });
    return overlap;
  };
