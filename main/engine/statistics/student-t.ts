import { logGamma } from './gamma.ts';
import { findRoot } from './find-root.ts';
import { incompleteBeta } from './incomplete-beta.ts';
import { normalCumulative } from './normal.ts';

/** P(|T| > |t|) of Student's distribution; the degrees of freedom need not be whole. P = I_x(df/2, 1/2) with x = df / (df + t^2). */
export const tTwoSided = (t: number, degrees: number): number => {
  const square = t * t;
  if (square === Infinity) return 0;
  return incompleteBeta(degrees / (degrees + square), square / (degrees + square), degrees / 2, 0.5);
};

/** P(T > t). */
export const tTail = (t: number, degrees: number): number => {
  const half = tTwoSided(t, degrees) / 2;
  return t > 0 ? half : 1 - half;
};

/** The t beyond which, on both sides together, a share p lies; 0 < p < 1. */
export const tCritical = (p: number, degrees: number): number => {
  let high = 2;
  while (tTwoSided(high, degrees) > p) high *= 2;
  return findRoot((t) => p - tTwoSided(t, degrees), 0, high);
};

/**
 * P(T <= t) of the noncentral distribution, T = (Z + delta) / (chi / sqrt(df)): the normal probability at each value of chi / sqrt(df) = u^2, by
 * Simpson's rule over where that has mass (in u, as the density of few degrees of freedom is not smooth at zero). For power; good to 1e-8.
 */
export const noncentralT = (t: number, degrees: number, delta: number): number => {
  const spread = 1 / Math.sqrt(2 * degrees);
  const [from, to] = [Math.sqrt(Math.max(0, 1 - 8 * spread)), Math.sqrt(1 + 8 * spread)];
  const intervals = 240;
  const width = (to - from) / intervals;
  const constant = 2 * Math.LN2 + (degrees / 2) * Math.log(degrees / 2) - logGamma(degrees / 2);
  let sum = 0;
  for (let index = 0; index <= intervals; index++) {
    const u = from + index * width;
    if (u === 0) continue;
    const density = Math.exp(constant + (2 * degrees - 1) * Math.log(u) - (degrees / 2) * u ** 4);
    const factor = index === 0 || index === intervals ? 1 : index % 2 === 1 ? 4 : 2;
    sum += factor * density * normalCumulative(t * u * u - delta);
  }
  return (sum * width) / 3;
};

/** How often a two-sided t test at this level rejects, if the difference is `delta` standard errors. */
export const tPower = (delta: number, degrees: number, level: number): number => {
  const critical = tCritical(level, degrees);
  return 1 - noncentralT(critical, degrees, delta) + noncentralT(-critical, degrees, delta);
};
