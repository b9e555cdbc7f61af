import { WorkbenchError } from '../engine/errors.ts';
import type { MemoryAnswer, MemoryQuestion } from '../trainer/memory-schema.ts';
import type { SpawnTrainer } from '../trainer/trainer-process.ts';
import { startTrainerJob, type JobEnd } from './trainer-job.ts';

/** Ends early, with an error, once the signal is aborted. */
export type EstimateMemory = (question: MemoryQuestion, signal?: AbortSignal) => Promise<MemoryAnswer>;

const longestMilliseconds = 60_000;

/** Estimates in a process of its own, so that the window stays quick: a search for settings that fit takes seconds. */
export const estimateInTrainer =
  (spawn: SpawnTrainer): EstimateMemory =>
  async (question, signal) => {
    signal?.throwIfAborted();
    const { promise, resolve } = Promise.withResolvers<JobEnd>();
    const { kill } = startTrainerJob(
      spawn,
      { type: 'estimate', question },
      { onNews: () => undefined, onEnd: resolve },
    );
    const limit = setTimeout(kill, longestMilliseconds);
    signal?.addEventListener('abort', kill, { once: true });
    const end = await promise;
    clearTimeout(limit);
    signal?.removeEventListener('abort', kill);
    if (end.type === 'estimated') return end.answer;
    if (end.type !== 'failed' && end.type !== 'died')
      throw new Error(`the trainer answered a question about memory with "${end.type}"`);
    const isForPeople = end.type === 'failed' && end.code !== 'internal';
    throw isForPeople
      ? new WorkbenchError(end.code as WorkbenchError['code'], end.message)
      : new Error(end.message);
  };
