/** Sums are taken in order; the arithmetic mean, NaN of nothing. */
export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** With n - 1; NaN for fewer than two. */
export const variance = (values: readonly number[]): number => {
  if (values.length < 2) return NaN;
  const center = mean(values);
  return values.reduce((sum, value) => sum + (value - center) ** 2, 0) / (values.length - 1);
};

export const standardDeviation = (values: readonly number[]): number => Math.sqrt(variance(values));

/** Sum of weight times value over the sum of weights. */
export const weightedMean = (values: readonly number[], weights: readonly number[]): number => {
  let [sum, total] = [0, 0];
  for (const [index, value] of values.entries()) {
    sum += weights[index]! * value;
    total += weights[index]!;
  }
  return sum / total;
};
