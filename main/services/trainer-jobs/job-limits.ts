import { totalmem } from 'node:os';
import { saysOutOfMemory } from '../../engine/formats/explain-error.ts';
import { memoryLimitWords } from '../../trainer/process/memory-limit-words.ts';
import type { ProcessLimits } from '../../trainer/process/trainer-process.ts';

/** What a job may take. One that is at work tells something in between; of one that goes through rows nothing comes before its end. */
export interface JobLimits extends ProcessLimits {
  /** How long nothing may come of it, in seconds. */
  readonly silentSeconds: number;
}

/** Of the machine's memory: the rest is for everything else. */
const largestShare = 0.8;

const allButSome = (): number => Math.floor((largestShare * totalmem()) / 1e6);

/** Going through rows, which are read in parts. */
export const surveyLimits: JobLimits = {
  heapMegabytes: 1536,
  memoryMegabytes: 2560,
  silentSeconds: 30 * 60,
};

/** Work on weights, or on all rows at once as a run has them: large models need what there is, and the largest matrices take their time. */
export const modelLimits: JobLimits = { memoryMegabytes: allButSome(), silentSeconds: 60 * 60 };

/** Which limit of memory a process has died of, by its last words; null where of none. */
export const excessOf = (
  lastWords: string,
  { memoryMegabytes, heapMegabytes }: ProcessLimits,
): string | null => {
  if (lastWords.includes(memoryLimitWords)) return `${memoryMegabytes} MB of memory`;
  if (heapMegabytes === undefined || !saysOutOfMemory(lastWords)) return null;
  return `${heapMegabytes} MB of memory for objects and texts`;
};
