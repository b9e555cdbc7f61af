/**
 * Holm's step-down correction (1979), as adjusted p: the k-th smallest of n times n - k + 1, never less than the one before, at most 1. Holds
 * the chance of any false claim in the family at the level, whatever hangs together.
 */
export const holm = (values: readonly number[]): number[] => {
  const order = values.map((_, index) => index).sort((one, other) => values[one]! - values[other]!);
  const adjusted = new Array<number>(values.length);
  let largest = 0;
  for (const [place, index] of order.entries()) {
    largest = Math.max(largest, Math.min(1, values[index]! * (values.length - place)));
    adjusted[index] = largest;
  }
  return adjusted;
};
