import type { MetricColumns } from '../../store/repositories/metrics.ts';

/** What a run's steps took, added up. */
export interface StepClock {
  /** After the last one. */
  readonly seconds: number;
  /** After a step; 0 before the first. */
  at(step: number): number;
  /** The first step that ends at these seconds or later; the last one where none does. */
  stepAt(seconds: number): number;
}

export const stepClock = ({ steps, values }: MetricColumns): StepClock => {
  const ends: number[] = [];
  let sum = 0;
  for (const seconds of values) ends.push((sum += seconds));
  return {
    seconds: sum,
    at: (step) => ends[countWhile(steps, (one) => one <= step) - 1] ?? 0,
    stepAt: (seconds) =>
      seconds <= 0 ? 0 : (steps[countWhile(ends, (end) => end < seconds)] ?? steps.at(-1) ?? 0),
  };
};

/** How many of ascending numbers come before the first that does not hold. */
const countWhile = (ascending: readonly number[], holds: (value: number) => boolean): number => {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(ascending[middle]!)) low = middle + 1;
    else high = middle;
  }
  return low;
};
