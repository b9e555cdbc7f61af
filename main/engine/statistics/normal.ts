import { findRoot } from './find-root.ts';

const density = (x: number): number => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);

/** P(Z > x) of the standard normal distribution, right in its far tail too. */
export const normalTail = (x: number): number => {
  if (x < 0) return 1 - normalTail(-x);
  if (x < 2.5) return 0.5 - bySeries(x);
  return density(x) * millsRatio(x);
};

export const normalCumulative = (x: number): number => normalTail(-x);

/** The x below which a share p of the standard normal distribution lies; 0 < p < 1. */
export const normalQuantile = (p: number): number => {
  if (p <= 0) return -Infinity;
  if (p >= 1) return Infinity;
  return findRoot((x) => (p < 0.5 ? normalCumulative(x) - p : 1 - p - normalTail(x)), -40, 40);
};

/** P(0 < Z < x): density times x + x^3/3 + x^5/15 + ... */
const bySeries = (x: number): number => {
  let [term, sum] = [x, x];
  for (let odd = 3; Math.abs(term) > 1e-17 * Math.abs(sum); odd += 2) {
    term *= (x * x) / odd;
    sum += term;
  }
  return density(x) * sum;
};

/** Tail over density: 1/(x + 1/(x + 2/(x + 3/...))), from the inside out. */
const millsRatio = (x: number): number => {
  let fraction = x;
  for (let level = x < 3 ? 250 : x < 5 ? 100 : 40; level > 0; level--) fraction = x + level / fraction;
  return 1 / fraction;
};
