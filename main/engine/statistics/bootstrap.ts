import { createRandom } from '../random.ts';
import type { Bounds } from './estimate-tests.ts';
import { mean, weightedMean } from './moments.ts';
import { normalCumulative, normalQuantile } from './normal.ts';

/** One task's differences, first less second: rows are seeds, columns items. */
export interface BootstrapStratum {
  readonly share: number;
  readonly weights: readonly number[];
  readonly rows: readonly (readonly number[])[];
}

export interface Bootstrap {
  readonly percentile: Bounds;
  /** Bias-corrected and accelerated (Efron 1987). */
  readonly accelerated: Bounds;
  readonly resamples: number;
}

/**
 * Paired bootstrap of a mean of differences over items AND seeds: both are drawn again with replacement, crossed, so that a seed drawn twice
 * stands there twice with all its items (Owen 2007, the pigeonhole bootstrap). With few seeds it is too narrow by about sqrt((n - 1) / n), and
 * its percentiles know no more values than the seeds gave: an interval to look at beside that of the t. With one seed it draws items only.
 */
export const pairedBootstrap = (
  strata: readonly BootstrapStratum[],
  level: number,
  seed = 0,
  resamples = 2000,
): Bootstrap => {
  const random = createRandom(seed);
  const seeds = strata[0]!.rows.length;
  const drawn: number[] = [];
  for (let resample = 0; resample < resamples; resample++) {
    const rows = Array.from({ length: seeds }, () => random.integer(seeds));
    let sum = 0;
    for (const { share, weights, rows: table } of strata) {
      const counts = new Float64Array(weights.length);
      for (let draw = 0; draw < weights.length; draw++) counts[random.integer(weights.length)]!++;
      let [total, weight] = [0, 0];
      for (let item = 0; item < weights.length; item++) {
        const factor = counts[item]! * weights[item]!;
        if (factor === 0) continue;
        weight += factor;
        for (const row of rows) total += factor * table[row]![item]!;
      }
      if (weight > 0) sum += (share * total) / (weight * seeds);
    }
    drawn.push(sum);
  }
  const { estimate, acceleration } = accelerationOf(strata);
  return {
    percentile: { low: percentile(drawn, level / 2), high: percentile(drawn, 1 - level / 2) },
    accelerated: acceleratedInterval(drawn, estimate, acceleration, level),
    resamples,
  };
};

/** Efron's interval from resampled values, the value itself and the acceleration. */
export const acceleratedInterval = (
  drawn: readonly number[],
  estimate: number,
  acceleration: number,
  level: number,
): Bounds => {
  const below = drawn.reduce((sum, value) => sum + (value < estimate ? 1 : value === estimate ? 0.5 : 0), 0);
  const bias = normalQuantile(below / drawn.length);
  if (!Number.isFinite(bias))
    return { low: percentile(drawn, level / 2), high: percentile(drawn, 1 - level / 2) };
  const at = (share: number): number => {
    const shifted = bias + normalQuantile(share);
    return percentile(drawn, normalCumulative(bias + shifted / (1 - acceleration * shifted)));
  };
  return { low: at(level / 2), high: at(1 - level / 2) };
};

/**
 * One sixth of the skewness of the mean, from how much each seed and each item moves it: sum of cubes over sum of squares to 3/2, over both kinds
 * of unit (Davison and Hinkley 1997, 5.3.2, for several samples).
 */
const accelerationOf = (strata: readonly BootstrapStratum[]): { estimate: number; acceleration: number } => {
  let [estimate, squares, cubes] = [0, 0, 0];
  const add = (influence: number): void => {
    squares += influence ** 2;
    cubes += influence ** 3;
  };
  const seedMeans = strata[0]!.rows.map(() => 0);
  for (const { share, weights, rows } of strata) {
    const means = rows.map((row) => weightedMean(row, weights));
    const center = mean(means);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    estimate += share * center;
    for (const [index, value] of means.entries()) seedMeans[index]! += share * value;
    for (const [item, weight] of weights.entries())
      add((share * weight * (mean(rows.map((row) => row[item]!)) - center)) / total);
  }
  for (const value of seedMeans) add((value - estimate) / seedMeans.length);
  return { estimate, acceleration: squares === 0 ? 0 : cubes / (6 * squares ** 1.5) };
};

/** Between the two values beside the place (n - 1) share of the sorted ones, as numpy does. */
export const percentile = (values: readonly number[], share: number): number => {
  const sorted = Float64Array.from(values).sort();
  const place = (sorted.length - 1) * Math.min(1, Math.max(0, share));
  const below = Math.floor(place);
  const low = sorted[below]!;
  return low + (place - below) * (sorted[Math.min(below + 1, sorted.length - 1)]! - low);
};
