import type { ReadFiles } from '../process/serve-jobs.ts';
import { answerReading } from './answer-reading.ts';
import { watchMemory } from './memory-watch.ts';

/** How often a person is told: what is read in between would only be overwritten. */
const tellMilliseconds = 100;

let watched = false;

/** Answers one question after the other; the process's memory is watched from the first on. */
export const readFiles: ReadFiles = async ({ question, limits }, emit) => {
  if (!watched) watchMemory(limits.memory);
  watched = true;
  let told = 0;
  const answer = await answerReading(question, (done, total) => {
    const now = performance.now();
    if (now - told < tellMilliseconds) return;
    told = now;
    emit({ type: 'reading', done, total });
  });
  emit({ type: 'read', answer, memory: process.memoryUsage.rss() });
};
