import { expect } from 'vitest';

/** What a refusal may cost: of the processor, since others may be at work on this machine, and of memory. */
const most = { milliseconds: 4000, megabytes: 700 };

/** Holds work to an end, and tells how it ended. */
export const inTime = <Result>(work: () => Result): Result => {
  const started = process.cpuUsage();
  const memory = process.memoryUsage().rss;
  try {
    return work();
  } finally {
    const { user, system } = process.cpuUsage(started);
    expect((user + system) / 1000, 'milliseconds of the processor').toBeLessThan(most.milliseconds);
    expect((process.memoryUsage().rss - memory) / 2 ** 20, 'megabytes').toBeLessThan(most.megabytes);
  }
};

/** Holds work to being refused in these words, in little time and memory. */
export const refusedInTime = (work: () => unknown, told: string): void => {
  inTime(() => expect(work).toThrow(told));
};
