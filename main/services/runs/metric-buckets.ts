/** A range of an axis in equal parts. */
export interface BucketGrid {
  readonly from: number;
  readonly width: number;
  readonly buckets: number;
}

/** Steps are whole, so a bucket is of whole steps. */
export const stepGrid = (from: number, to: number, most: number): BucketGrid => {
  const first = Math.floor(from);
  const steps = Math.max(1, Math.ceil(to) - first + 1);
  const width = Math.ceil(steps / most);
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

/** What a float32 has; a third of the characters of a double. */
const rounded = (value: number): number => Number(value.toPrecision(7));

/** @param at ascending, within the grid */
export const bucketValues = (
  at: readonly number[],
  values: readonly number[],
  { from, width, buckets }: BucketGrid,
): Buckets => {
  const means: Column = [];
  const extremes: Column = [];
  let isShared = false;
  const bucketOf = (place: number): number => Math.min(buckets - 1, Math.floor((place - from) / width));

  for (let index = 0; index < at.length;) {
    const bucket = bucketOf(at[index]!);
    let [sum, lowest, highest] = [0, index, index];
    const first = index;
    for (; index < at.length && bucketOf(at[index]!) === bucket; index++) {
      const value = values[index]!;
      sum += value;
      if (value < values[lowest]!) lowest = index;
      if (value > values[highest]!) highest = index;
    }
    while (means.length < bucket) {
      means.push(null);
      extremes.push(null, null);
    }
    isShared ||= index - first > 1;
    means.push(rounded(sum / (index - first)));
    const [earlier, later] = lowest < highest ? [lowest, highest] : [highest, lowest];
    extremes.push(rounded(values[earlier]!), rounded(values[later]!));
  }
  return { means, extremes: isShared ? extremes : [] };
};
