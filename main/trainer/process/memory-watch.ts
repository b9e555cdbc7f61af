import { Worker } from 'node:worker_threads';
import { memoryLimitWords } from './memory-limit-words.ts';

/**
 * Runs beside what reads, which may be at one long step: a thread of its own has its own clock. There is no other word than stderr, since
 * the thread that speaks to the parent is the one that is busy.
 */
const watch = `
const { workerData } = require('node:worker_threads');
const { writeSync } = require('node:fs');
setInterval(() => {
  if (process.memoryUsage.rss() <= workerData.bytes) return;
  writeSync(2, workerData.words + '\\n');
  process.kill(process.pid, 'SIGKILL');
}, 50);
`;

/** Ends this process once it takes more than so many bytes, heap or not. */
export const watchMemory = (bytes: number): void => {
  const worker = new Worker(watch, { eval: true, workerData: { bytes, words: memoryLimitWords } });
  worker.unref();
};
