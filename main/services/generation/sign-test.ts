import { mcNemar } from '../../engine/statistics/binomial.ts';

/**
 * Two-sided p-value of an exact sign test: how likely at least so uneven a split is where either side is as likely to win. Ties say
 * nothing and are left out (Conover, Practical Nonparametric Statistics, 3.4). McNemar's exact test is this one, on items that two differ on.
 * @returns null where nothing was decided
 */
export const signTest = (first: number, second: number): number | null =>
  first + second === 0 ? null : mcNemar(first, second);
