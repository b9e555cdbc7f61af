import { tCritical, tTail, tTwoSided } from './student-t.ts';

export interface Bounds {
  readonly low: number;
  readonly high: number;
}

/** A mean with its standard error, whose ratio is a Student's t with these degrees of freedom. */
export interface Estimate {
  readonly mean: number;
  readonly error: number;
  readonly degrees: number;
}

/** P of a mean at least as far from a value, if that were the true one. Without any error: 1 where it is met, else 0. */
export const estimateP = ({ mean, error, degrees }: Estimate, value = 0): number => {
  if (mean === value) return 1;
  return error === 0 ? 0 : tTwoSided((mean - value) / error, degrees);
};

/** Holds the true mean with a chance of 1 - level. */
export const estimateInterval = ({ mean, error, degrees }: Estimate, level: number): Bounds => {
  if (error === 0) return { low: mean, high: mean };
  const reach = tCritical(level, degrees) * error;
  return { low: mean - reach, high: mean + reach };
};

/**
 * Two one-sided tests (Schuirmann 1987): p of a mean so far within -margin ... margin, if the true one stood at or beyond an end. Below the level
 * exactly where the interval at 1 - 2 level lies within the margin.
 */
export const equivalenceP = ({ mean, error, degrees }: Estimate, margin: number): number => {
  if (error === 0) return Math.abs(mean) < margin ? 0 : 1;
  return Math.max(tTail((mean + margin) / error, degrees), tTail((margin - mean) / error, degrees));
};
