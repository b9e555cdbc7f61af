import { randomUUID } from 'node:crypto';
import type { CommandContext } from './command.ts';
import { onInterrupt } from './interrupts.ts';

/** In bytes. */
const megabyte = 1e6;
/** What is read before anybody would look. */
const soonRead = 50 * megabyte;

/**
 * Shows how far large files are read, in MB. Ctrl-C stops the reading, and with it what waits for it.
 * @param work takes the name to ask for it by
 */
export const followReading = async <Result>(
  { call, router, progress }: Pick<CommandContext, 'call' | 'router' | 'progress'>,
  work: (job: string) => Promise<Result>,
): Promise<Result> => {
  const job = randomUUID();
  const unsubscribe = router.subscribe((event) => {
    if (event.name !== 'reading.progress' || event.payload.job !== job) return;
    const { path, done, total } = event.payload;
    if (total < soonRead) return;
    progress.show({
      label: path,
      phase: 'reading (MB)',
      done: Math.round(done / megabyte),
      total: Math.round(total / megabyte),
    });
  });
  const handBack = onInterrupt(() => void call('readings.stop', { job }));
  try {
    return await work(job);
  } finally {
    handBack();
    unsubscribe();
    progress.clear();
  }
};
