import type { ReadFiles } from '../process/serve-jobs.ts';
import { answerReading } from './answer-reading.ts';

/** How often a person is told: what is read in between would only be overwritten. */
const tellMilliseconds = 100;

/** Answers one question after the other. */
export const readFiles: ReadFiles = async ({ question }, emit) => {
  let told = 0;
  const answer = await answerReading(question, (done, total) => {
    const now = performance.now();
    if (now - told < tellMilliseconds) return;
    told = now;
    emit({ type: 'reading', done, total });
  });
  emit({ type: 'read', answer, memory: process.memoryUsage.rss() });
};
