import { createRandom } from '../random.ts';

export interface SignFlips {
  readonly p: number;
  readonly exact: boolean;
  /** The smallest p that so few units can give. */
  readonly smallest: number;
}

/** Up to so many differences that are not zero, all signs are tried: 2^16. */
const exactUnits = 16;

/**
 * Paired permutation test, two-sided: if it makes no difference which of the two is which, each difference could have had the other sign. p is
 * the share of sign choices whose sum is at least as far from zero. All 2^n of them for few units; else drawn, counting the one seen as drawn
 * too, (b + 1) / (m + 1), so that p is never too small (Phipson and Smyth 2010).
 */
export const signFlips = (differences: readonly number[], seed = 0, draws = 9999): SignFlips => {
  const values = differences.filter((value) => value !== 0);
  if (values.length === 0) return { p: 1, exact: true, smallest: 1 };
  // Sums that are equal but for rounding count as equal.
  const size = values.reduce((sum, value) => sum + Math.abs(value), 0);
  const limit = Math.abs(values.reduce((sum, value) => sum + value, 0)) - 1e-12 * size;
  if (values.length <= exactUnits) {
    const p = countAll(values, limit) / 2 ** (values.length - 1);
    return { p, exact: true, smallest: 2 ** (1 - values.length) };
  }
  const random = createRandom(seed);
  let asFar = 0;
  for (let draw = 0; draw < draws; draw++) {
    let [sum, bits] = [0, 0];
    for (let index = 0; index < values.length; index++) {
      if (index % 32 === 0) bits = random.integer(2 ** 32);
      sum += bits & 1 ? values[index]! : -values[index]!;
      bits >>>= 1;
    }
    if (Math.abs(sum) >= limit) asFar++;
  }
  return { p: (asFar + 1) / (draws + 1), exact: false, smallest: 1 / (draws + 1) };
};

/** Half of all sign choices: the first value keeps its sign, as the other half mirrors them. */
const countAll = (values: readonly number[], limit: number): number => {
  const from = (index: number, sum: number): number => {
    if (index === values.length) return Math.abs(sum) >= limit ? 1 : 0;
    return from(index + 1, sum + values[index]!) + from(index + 1, sum - values[index]!);
  };
  return from(1, values[0]!);
};
