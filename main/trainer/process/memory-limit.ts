import type { ProcessLimits } from './trainer-process.ts';
import { watchBeside } from './watch-beside.ts';

/*
 * What a process may take of the machine's memory is told on its command line: so it holds from its first moment on, whatever it is asked.
 */

const flag = '--most-memory-megabytes=';

/** Arguments for the trainer itself, behind its entry. */
export const memoryFlagsFor = ({ memoryMegabytes }: ProcessLimits): string[] =>
  memoryMegabytes === undefined ? [] : [`${flag}${memoryMegabytes}`];

/**
 * Ends this process once it takes more than it was started with. One with a limit answers a question: it ends, too, once nobody waits for the
 * answer.
 */
export const holdMemoryLimit = (given: readonly string[] = process.argv): void => {
  const limit = given.find((argument) => argument.startsWith(flag))?.slice(flag.length);
  if (limit !== undefined) watchBeside(Number(limit) * 1e6);
};
