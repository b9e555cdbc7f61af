import type { MemoryAnswer, MemoryQuestion } from '../../trainer/protocol/memory-schema.ts';
import type { SpawnTrainer } from '../../trainer/process/trainer-process.ts';
import { askTrainer } from '../trainer-jobs/trainer-question.ts';

/** Ends early, with an error, once the signal is aborted. */
export type EstimateMemory = (question: MemoryQuestion, signal?: AbortSignal) => Promise<MemoryAnswer>;

const longestMilliseconds = 60_000;

/** Estimates in a process of its own, so that the window stays quick: a search for settings that fit takes seconds. */
export const estimateInTrainer =
  (spawn: SpawnTrainer): EstimateMemory =>
  async (question, signal) => {
    const options = { signal, longestMilliseconds };
    const { answer } = await askTrainer(spawn, { type: 'estimate', question }, 'estimated', options);
    return answer;
  };
