import { logGamma } from './gamma.ts';

/** ln P(X = k) of n draws. */
const logMass = (k: number, n: number, share: number): number => {
  const choose = logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);
  const hits = k === 0 ? 0 : k * Math.log(share);
  const misses = k === n ? 0 : (n - k) * Math.log1p(-share);
  return choose + hits + misses;
};

/**
 * Exact two-sided binomial test: the probability, if each of n draws hits with this share, of all counts that are no likelier than the one
 * seen. Counts as likely but for rounding are among them (a relative 1e-7, as in R and scipy).
 */
export const binomialTwoSided = (hits: number, draws: number, share: number): number => {
  const limit = logMass(hits, draws, share) + Math.log1p(1e-7);
  let sum = 0;
  for (let count = 0; count <= draws; count++) {
    const mass = logMass(count, draws, share);
    if (mass <= limit) sum += Math.exp(mass);
  }
  return Math.min(1, sum);
};

/**
 * McNemar's exact test: of the items on which two differ, as many should go to the one as to the other. p = 2 P(X <= min) with a share of
 * one half, 1 where they never differ.
 */
export const mcNemar = (onlyFirst: number, onlySecond: number): number => {
  const draws = onlyFirst + onlySecond;
  if (draws === 0) return 1;
  let sum = 0;
  for (let count = 0; count <= Math.min(onlyFirst, onlySecond); count++)
    sum += Math.exp(logMass(count, draws, 0.5));
  return Math.min(1, 2 * sum);
};

/** McNemar's mid-p (Fagerland, Lydersen and Laake 2013): less conservative, no longer exact. */
export const mcNemarMidP = (onlyFirst: number, onlySecond: number): number => {
  const draws = onlyFirst + onlySecond;
  if (draws === 0) return 1;
  if (onlyFirst === onlySecond) return 1 - 0.5 * Math.exp(logMass(onlyFirst, draws, 0.5));
  const least = Math.min(onlyFirst, onlySecond);
  return mcNemar(onlyFirst, onlySecond) - Math.exp(logMass(least, draws, 0.5));
};
