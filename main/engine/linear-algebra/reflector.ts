import { powerOfTwoBelow } from './power-of-two.ts';

/** H = I - tau v v^T with H x = diagonal e_1; tau is 0 when x is a multiple of e_1 already. */
export interface Reflector {
  readonly diagonal: number;
  /** 0, or between 1 and 2: the leading entry of v is 1 and none is larger. */
  readonly tau: number;
}

/** Sums of squares outside of this may have lost digits, or all of themselves, to under- or overflow. */
const [smallest, largest] = [2 ** -900, 2 ** 900];

const sumOfTail = (vector: Float64Array): number => {
  let sum = 0;
  for (let i = 1; i < vector.length; i++) sum += vector[i]! * vector[i]!;
  return sum;
};

/**
 * Turns x, given in `vector`, into the v of its Householder reflection, in place (LAPACK's dlarfg; Golub and Van Loan, Matrix
 * Computations, 5.1.3). The diagonal takes the sign opposite to x_0, so that nothing cancels.
 *
 * Dependent rows leave rounding behind, and rounding of rounding after that: a few dozen columns on, squares of what is left are
 * subnormal and their inverse is infinite. So v is x in units of its own, which no size of x can take out of range.
 */
export const makeReflector = (vector: Float64Array): Reflector => {
  const head = vector[0]!;
  const tail = sumOfTail(vector);
  const total = head * head + tail;
  // A sum that is not a number is told from what comes of it: the caller's check of the result names the place.
  if (!(total < smallest || total > largest)) return reflect(vector, tail, 1);
  const unit = powerOfTwoBelow(vector);
  if (unit === 0) return { diagonal: head, tau: 0 };
  for (let i = 0; i < vector.length; i++) vector[i]! /= unit;
  return reflect(vector, sumOfTail(vector), unit);
};

const reflect = (vector: Float64Array, tail: number, unit: number): Reflector => {
  const head = vector[0]!;
  vector[0] = 1;
  if (tail === 0) return { diagonal: head * unit, tau: 0 };
  const diagonal = -Math.sign(head || 1) * Math.sqrt(head * head + tail);
  const divisor = head - diagonal;
  for (let i = 1; i < vector.length; i++) vector[i]! /= divisor;
  return { diagonal: diagonal * unit, tau: -divisor / diagonal };
};
