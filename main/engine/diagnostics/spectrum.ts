/** What singular values say of a matrix. */
export interface Spectrum {
  /** sqrt of the sum of squares. */
  readonly frobenius: number;
  readonly largest: number;
  /** ||.||_F^2 / ||.||_2^2, between 1 and the rank (Rudelson and Vershynin 2007). 0 for zeros. */
  readonly stableRank: number;
  /** exp of the entropy of sigma / sum of sigma, between 1 and the rank (Roy and Vetterli 2007, "The effective rank"). 0 for zeros. */
  readonly effectiveRank: number;
  /** How many of the largest hold 90 % of the sum of squares. */
  readonly rank90: number;
}

const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);

/** @param singularValues largest first */
export const spectrumOf = (singularValues: Float64Array): Spectrum => {
  const [largest = 0] = singularValues;
  if (largest === 0) return { frobenius: 0, largest: 0, stableRank: 0, effectiveRank: 0, rank90: 0 };
  const energy = sum(singularValues.map((value) => value * value));
  const total = sum(singularValues);
  const shares = singularValues.map((value) => value / total).filter((share) => share > 0);
  const entropy = -sum(shares.map((share) => share * Math.log(share)));
  let [held, rank90] = [0, 0];
  // A hair below: sums of many squares end a rounding short of the whole.
  while (rank90 < singularValues.length && held < 0.9 * energy * (1 - 1e-12))
    held += singularValues[rank90++]! ** 2;
  return {
    frobenius: Math.sqrt(energy),
    largest,
    stableRank: energy / largest ** 2,
    effectiveRank: Math.exp(entropy),
    rank90,
  };
};
