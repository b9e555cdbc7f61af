import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Of Linux. Bytes; 0 where the process is gone. */
const memoryOf = (pid: number, field: 'VmRSS' | 'VmHWM'): number => {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
};

/** What a process holds in memory now, and the most that it ever has. */
export const residentBytes = (pid: number): number => memoryOf(pid, 'VmRSS');
export const highestBytes = (pid: number): number => memoryOf(pid, 'VmHWM');

export const timed = async <Result>(work: () => Promise<Result>): Promise<[Result, number]> => {
  const from = performance.now();
  const result = await work();
  return [result, performance.now() - from];
};

/** Asks again and again until told to stop. Gives the milliseconds of each answer. */
export const askRepeatedly = (ask: () => Promise<unknown>, everyMilliseconds: number) => {
  const milliseconds: number[] = [];
  let goesOn = true;
  const done = (async () => {
    while (goesOn) {
      const [, took] = await timed(ask);
      milliseconds.push(took);
      await sleep(everyMilliseconds);
    }
  })();
  return {
    stop: async (): Promise<readonly number[]> => {
      goesOn = false;
      await done;
      return milliseconds;
    },
  };
};

export const quantile = (values: readonly number[], part: number): number =>
  values.toSorted((a, b) => a - b)[Math.ceil(part * values.length) - 1] ?? 0;

export const inMiB = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`;
export const inSeconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(2)} s`;
export const inMilliseconds = (values: readonly number[]): string =>
  `median ${quantile(values, 0.5).toFixed(0)} ms, 99 of 100 within ${quantile(values, 0.99).toFixed(0)} ms, longest ${quantile(values, 1).toFixed(0)} ms`;

/** @throws Error where it takes longer than that */
export const until = async (
  isSo: () => Promise<boolean>,
  { seconds = 600, everyMilliseconds = 250 } = {},
): Promise<void> => {
  const end = performance.now() + 1000 * seconds;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`did not come about in ${seconds} s`);
    await sleep(everyMilliseconds);
  }
};
