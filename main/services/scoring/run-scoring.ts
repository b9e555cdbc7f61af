import { WorkbenchError } from '../../engine/errors.ts';
import type { SpawnTrainer } from '../../trainer/process/trainer-process.ts';
import type { TrainerEvent } from '../../trainer/protocol/protocol.ts';
import type { ScoreSpecification } from '../../trainer/protocol/score-schema.ts';
import { startTrainerJob, type JobEnd, type TrainerNews } from '../trainer-jobs/trainer-job.ts';

export interface ScoringOptions {
  readonly spawnTrainer: SpawnTrainer;
  /** Told of facts, items, problems, notices and progress as they come. */
  readonly onNews: (news: TrainerNews) => void;
  /** Ends the job after the batch that it is at; items that were told stand. */
  readonly signal: AbortSignal;
}

/**
 * Has a trainer process score subjects on tasks.
 * @returns null where it was stopped
 * @throws what the job failed with: a WorkbenchError where it is for people
 */
export const runScoring = async (
  specification: ScoreSpecification,
  { spawnTrainer, onNews, signal }: ScoringOptions,
): Promise<Extract<TrainerEvent, { type: 'scored' }> | null> => {
  if (signal.aborted) return null;
  const { promise, resolve } = Promise.withResolvers<JobEnd>();
  const job = startTrainerJob(spawnTrainer, { type: 'score', specification }, { onNews, onEnd: resolve });
  const stop = (): void => job.send({ type: 'cancel' });
  signal.addEventListener('abort', stop, { once: true });
  const end = await promise;
  signal.removeEventListener('abort', stop);
  await job.gone;
  if (end.type === 'scored') return end;
  if (end.type === 'cancelled') return null;
  if (end.type === 'failed' || end.type === 'died')
    throw new WorkbenchError(end.type === 'failed' ? end.code : 'internal', end.message);
  throw new Error(`the trainer answered "score" with "${end.type}"`);
};
