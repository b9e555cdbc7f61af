import { WorkbenchError } from '../../engine/errors.ts';
import type { FinalEvent } from '../../trainer/protocol/final-events.ts';
import type { TrainerCommand } from '../../trainer/protocol/protocol.ts';
import type { SpawnTrainer } from '../../trainer/process/trainer-process.ts';
import { excessOf, type JobLimits } from './job-limits.ts';
import { startTrainerJob, type Died, type JobEnd, type TrainerNews } from './trainer-job.ts';
import { setAwakeTimeout, type AwakeTimeout } from '../shared/awake.ts';

type Answer = Exclude<FinalEvent, { type: 'failed' }>;
export type TrainerProgress = Extract<TrainerNews, { type: 'progress' }>;

export interface QuestionOptions {
  readonly signal?: AbortSignal | undefined;
  /** For all of it; no limit where absent. */
  readonly longestMilliseconds?: number;
  /** Of memory and silence; none where absent. */
  readonly limits?: JobLimits;
  readonly onProgress?: (progress: TrainerProgress) => void;
  /** Everything else that it tells before its end. */
  readonly onNews?: (news: TrainerNews) => void;
  /** Answers once the process is gone, not at its final event. */
  readonly untilGone?: boolean;
}

/**
 * Has a trainer process do one job and gives its final event. Ends early, with an error, once the signal is aborted.
 * @throws what the job failed with: a WorkbenchError where it is for people
 */
export const askTrainer = async <Type extends Answer['type']>(
  spawn: SpawnTrainer,
  command: TrainerCommand,
  expected: Type,
  options: QuestionOptions,
): Promise<Extract<Answer, { type: Type }>> => {
  const end = await endOfJob(spawn, command, options);
  // Somebody asked that process to end before it had begun: another does the job.
  const last = end.type === 'died' && end.askedBy ? await endOfJob(spawn, command, options) : end;
  if (last.type === expected) return last as Extract<Answer, { type: Type }>;
  if (last.type === 'died' && options.signal?.aborted)
    throw new WorkbenchError('conflict', `${command.type}: stopped`);
  if (last.type !== 'failed' && last.type !== 'died')
    throw new Error(`the trainer answered "${command.type}" with "${last.type}"`);
  throw new WorkbenchError(last.type === 'failed' ? last.code : 'internal', last.message);
};

const endOfJob = async (
  spawn: SpawnTrainer,
  command: TrainerCommand,
  { signal, longestMilliseconds, limits, onProgress, onNews: onOther, untilGone = false }: QuestionOptions,
): Promise<JobEnd> => {
  signal?.throwIfAborted();
  const { promise, resolve } = Promise.withResolvers<JobEnd>();
  let silence: AwakeTimeout | undefined;
  let isSilent = false;
  const expectNews = (): void => {
    silence?.clear();
    if (limits === undefined) return;
    silence = setAwakeTimeout(() => {
      isSilent = true;
      kill();
    }, limits.silentSeconds * 1000);
  };
  const onNews = (news: TrainerNews): void => {
    expectNews();
    if (news.type === 'progress') onProgress?.(news);
    else onOther?.(news);
  };
  const { kill, gone } = startTrainerJob(() => spawn(limits), command, { onNews, onEnd: resolve });
  expectNews();
  const limit = longestMilliseconds === undefined ? undefined : setAwakeTimeout(kill, longestMilliseconds);
  signal?.addEventListener('abort', kill, { once: true });
  const end = await promise;
  if (untilGone) await gone;
  limit?.clear();
  silence?.clear();
  signal?.removeEventListener('abort', kill);
  return end.type === 'died' && limits !== undefined ? withinLimits(end, command, limits, isSilent) : end;
};

/** A process that was ended for what it took says so; another is as it was. */
const withinLimits = (end: Died, { type }: TrainerCommand, limits: JobLimits, isSilent: boolean): JobEnd => {
  const excess = excessOf(end.lastWords ?? '', limits);
  const message = isSilent
    ? `${type}: came no further for ${limits.silentSeconds} s and was ended`
    : `${type}: took more than ${excess} and was ended; see whether the files are what they should be, or divide them`;
  return isSilent || excess !== null ? { type: 'failed', code: 'unsupported', message } : end;
};
