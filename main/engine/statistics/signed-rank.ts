import { normalTail } from './normal.ts';

export interface SignedRank {
  /** The sum of the ranks of positive differences, and of negative ones. */
  readonly positive: number;
  readonly negative: number;
  readonly p: number;
  readonly exact: boolean;
}

/**
 * Wilcoxon's signed rank test, two-sided. Differences of zero are left out; equal ones share their mean rank. Up to 50 differences the
 * distribution over all signs is counted, given the ranks as they are (so with ties too); above, the normal approximation with its variance
 * sum of rank^2 / 4, which is n(n+1)(2n+1)/24 less the correction for ties; no correction for continuity.
 */
export const signedRank = (differences: readonly number[], exactUpTo = 50): SignedRank => {
  const values = differences.filter((value) => value !== 0);
  const ranks = meanRanks(values.map(Math.abs));
  const total = (values.length * (values.length + 1)) / 2;
  const positive = ranks.reduce((sum, rank, index) => sum + (values[index]! > 0 ? rank : 0), 0);
  const negative = total - positive;
  const exact = values.length <= exactUpTo;
  const least = Math.min(positive, negative);
  const p = exact ? countedP(ranks, least) : approximateP(ranks, least, total);
  return { positive, negative, p, exact };
};

/** Of the 2^n equally likely choices of signs, twice the share with a rank sum of at most `least`. Ranks are halves, so they are doubled. */
const countedP = (ranks: readonly number[], least: number): number => {
  const doubled = ranks.map((rank) => Math.round(2 * rank));
  const total = doubled.reduce((sum, rank) => sum + rank, 0);
  const shares = new Float64Array(total + 1);
  shares[0] = 1;
  for (const rank of doubled)
    for (let sum = total; sum >= 0; sum--)
      shares[sum] = (shares[sum]! + (sum >= rank ? shares[sum - rank]! : 0)) / 2;
  let below = 0;
  for (let sum = 0; sum <= Math.round(2 * least); sum++) below += shares[sum]!;
  return Math.min(1, 2 * below);
};

const approximateP = (ranks: readonly number[], least: number, total: number): number => {
  const deviation = Math.sqrt(ranks.reduce((sum, rank) => sum + rank * rank, 0) / 4);
  return Math.min(1, 2 * normalTail((total / 2 - least) / deviation));
};

const meanRanks = (sizes: readonly number[]): number[] => {
  const order = sizes.map((_, index) => index).sort((one, other) => sizes[one]! - sizes[other]!);
  const ranks = new Array<number>(sizes.length);
  for (let from = 0; from < order.length;) {
    let to = from;
    while (to + 1 < order.length && sizes[order[to + 1]!] === sizes[order[from]!]) to++;
    for (let at = from; at <= to; at++) ranks[order[at]!] = (from + to) / 2 + 1;
    from = to + 1;
  }
  return ranks;
};
