/** When the steps of a run ended, in seconds of its own steps. */
export interface StepClock {
  /** After a step; that of the last one known before it where it has no time of its own. */
  at(step: number): number;
}

/**
 * @param before seconds of all steps before these
 * @param steps ascending: each the last of the steps that `values` has the seconds of
 */
export const stepClock = (before: number, steps: readonly number[], values: readonly number[]): StepClock => {
  const ends: number[] = [];
  let sum = before;
  for (const seconds of values) ends.push((sum += seconds));
  return { at: (step) => ends[countWhile(steps, (one) => one <= step) - 1] ?? before };
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
