import { logGamma } from './gamma.ts';
import { mean, standardDeviation, variance } from './moments.ts';

/** Cohen's h of two shares: 2 asin sqrt(p1) - 2 asin sqrt(p2). */
export const cohensH = (first: number, second: number): number =>
  2 * Math.asin(Math.sqrt(first)) - 2 * Math.asin(Math.sqrt(second));

/** Cohen's d of paired differences: their mean in their own standard deviations. Infinite where they are all the same and not zero. */
export const cohensDz = (differences: readonly number[]): number => {
  const center = mean(differences);
  return center === 0 ? 0 : center / standardDeviation(differences);
};

/** Hedges' factor against the bias of small samples, exact: gamma(df/2) / (sqrt(df/2) gamma((df-1)/2)). */
export const hedgesFactor = (degrees: number): number =>
  Math.exp(logGamma(degrees / 2) - logGamma((degrees - 1) / 2)) / Math.sqrt(degrees / 2);

/** Of two samples that are not paired: the difference in pooled standard deviations, times Hedges' factor. */
export const hedgesG = (first: readonly number[], second: readonly number[]): number => {
  const difference = mean(first) - mean(second);
  if (difference === 0) return 0;
  const degrees = first.length + second.length - 2;
  const pooled = ((first.length - 1) * variance(first) + (second.length - 1) * variance(second)) / degrees;
  return (difference / Math.sqrt(pooled)) * hedgesFactor(degrees);
};

/** Cohen's rules of thumb (1988), the same for d and h. */
export const effectWord = (size: number): string => {
  const far = Math.abs(size);
  if (far < 0.2) return 'negligible';
  if (far < 0.5) return 'small';
  return far < 0.8 ? 'medium' : 'large';
};
