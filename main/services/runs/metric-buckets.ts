import type { MetricColumns } from '../../store/repositories/metrics.ts';
import type { MetricPortions } from '../../store/repositories/metric-portions.ts';

/** A range of an axis in equal parts. */
export interface BucketGrid {
  readonly from: number;
  readonly width: number;
  readonly buckets: number;
}

/**
 * Steps are whole, so a bucket is of whole steps.
 * @param unit of so many steps, or a multiple: what is known of portions alone is not parted
 */
export const stepGrid = (from: number, to: number, most: number, unit = 1): BucketGrid => {
  const first = Math.floor(from / unit) * unit;
  const steps = Math.max(1, Math.ceil(to) - first + 1);
  const width = Math.ceil(steps / most / unit) * unit;
  return { from: first, width, buckets: Math.ceil(steps / width) };
};

export const secondsGrid = (from: number, to: number, most: number): BucketGrid =>
  to > from ? { from, width: (to - from) / most, buckets: most } : { from, width: 1, buckets: 1 };

type Column = (number | null)[];

export interface Buckets {
  readonly means: Column;
  /** Two a bucket, in the order in which they came; empty where no bucket has more than one value. */
  readonly extremes: Column;
}

/** What is sorted into buckets: values, or what many of them come to. */
export type Parts = Omit<MetricPortions, 'unit' | 'firsts'>;

/** Each value a part of its own. */
export const partsOfValues = ({ steps, values }: MetricColumns): Parts => ({
  counts: new Array<number>(values.length).fill(1),
  sums: values,
  lowest: values,
  lowestSteps: steps,
  highest: values,
  highestSteps: steps,
});

/** What a float32 has; a third of the characters of a double. */
const rounded = (value: number): number => Number(value.toPrecision(7));

/** @param at ascending, within the grid; a part is wholly in the bucket of its place */
export const bucketParts = (
  at: readonly number[],
  { counts, sums, lowest, lowestSteps, highest, highestSteps }: Parts,
  { from, width, buckets }: BucketGrid,
): Buckets => {
  const means: Column = [];
  const extremes: Column = [];
  let isShared = false;
  const bucketOf = (place: number): number => Math.min(buckets - 1, Math.floor((place - from) / width));

  for (let index = 0; index < at.length;) {
    const bucket = bucketOf(at[index]!);
    let [count, sum, low, high] = [0, 0, index, index];
    for (; index < at.length && bucketOf(at[index]!) === bucket; index++) {
      count += counts[index]!;
      sum += sums[index]!;
      if (lowest[index]! < lowest[low]!) low = index;
      if (highest[index]! > highest[high]!) high = index;
    }
    while (means.length < bucket) {
      means.push(null);
      extremes.push(null, null);
    }
    isShared ||= count > 1;
    means.push(rounded(sum / count));
    const [lowestValue, highestValue] = [rounded(lowest[low]!), rounded(highest[high]!)];
    if (lowestSteps[low]! < highestSteps[high]!) extremes.push(lowestValue, highestValue);
    else extremes.push(highestValue, lowestValue);
  }
  return { means, extremes: isShared ? extremes : [] };
};
