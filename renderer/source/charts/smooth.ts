/** How far an average has come: the weighted sum of what was seen, and what its weights come to. */
export interface Average {
  readonly at: number;
  readonly sum: number;
  readonly weight: number;
}

export interface Smoothed {
  readonly values: readonly (number | null)[];
  /** Undefined where there was nothing to average. */
  readonly end: Average | undefined;
}

/**
 * Exponential moving average whose weights fall to 1/e over `window` of the axis, divided by what the weights come to: without that the
 * first values would be pulled towards zero (as in Adam). A bucket's mean counts as its values would, one after the other. Nulls do not count.
 * @param at ascending
 * @param width between two values, or of a bucket
 * @param start what came before the first value
 */
export const smooth = (
  at: readonly number[],
  values: readonly (number | null | undefined)[],
  window: number,
  width: number,
  start?: Average,
): Smoothed => {
  let end = start;
  const smoothed = values.map((value, index) => {
    if (value === null || value === undefined) return null;
    const place = at[index]!;
    const kept = Math.exp(-(end === undefined ? width : place - end.at) / window);
    const sum = kept * (end?.sum ?? 0) + (1 - kept) * value;
    const weight = kept * (end?.weight ?? 0) + (1 - kept);
    end = { at: place, sum, weight };
    return sum / weight;
  });
  return { values: smoothed, end };
};
