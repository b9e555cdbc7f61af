import { Worker } from 'node:worker_threads';
import { memoryLimitWords } from './memory-limit-words.ts';

/** A process whose workbench is gone has this long to end by itself, as one does that is not at a long step. */
const graceMilliseconds = 2000;

/**
 * Runs beside what reads, which may be at one long step: a thread of its own has its own clock. There is no other word than stderr, since
 * the thread that speaks to the parent is the one that is busy. The system gives an orphan another parent; Windows does not, and is asked
 * whether the parent is there.
 */
const watch = `
const { workerData: { bytes, words, parent, grace } } = require('node:worker_threads');
const { writeSync } = require('node:fs');
const end = () => process.kill(process.pid, 'SIGKILL');
const isThere = (pid) => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
};
const isOrphan = () => process.ppid !== parent || (process.platform === 'win32' && !isThere(parent));
let lastSeen = performance.now();
setInterval(() => {
  if (process.memoryUsage.rss() > bytes) {
    writeSync(2, words + '\\n');
    end();
  }
  if (!isOrphan()) lastSeen = performance.now();
  else if (performance.now() - lastSeen > grace) end();
}, 50);
`;

/** Ends this process once it takes more than so many bytes, heap or not, or once who asked it is gone, whatever step it is at. */
export const watchBeside = (bytes: number): void => {
  const worker = new Worker(watch, {
    eval: true,
    workerData: { bytes, words: memoryLimitWords, parent: process.ppid, grace: graceMilliseconds },
  });
  worker.unref();
};
