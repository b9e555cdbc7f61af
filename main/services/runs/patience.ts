import { awakeMilliseconds } from '../shared/awake.ts';

/** A trainer may always be silent for so long: a machine that does much else takes its time. */
const leastMilliseconds = 30_000;
/** The same before its first step, of which nothing is known yet. */
const unmeasuredMilliseconds = 10 * 60_000;
/** A step may take longer than any before it, but hardly so many times as long. */
const margin = 3;

/** How long a trainer that was asked to stop is waited for. Its steps and phases are measured by their news: one that is at work says something in between. */
export interface Patience {
  /** There is news of it. */
  readonly heard: () => void;
  /** A step was done: from now on it is known how long it may be silent. */
  readonly measured: () => void;
  /** Milliseconds until it has been silent for too long. */
  readonly left: () => number;
}

export const createPatience = (now: () => number = awakeMilliseconds): Patience => {
  let last = now();
  let longest = 0;
  let least = unmeasuredMilliseconds;
  return {
    heard: () => {
      longest = Math.max(longest, now() - last);
      last = now();
    },
    measured: () => void (least = leastMilliseconds),
    left: () => last + Math.max(least, margin * longest) - now(),
  };
};
