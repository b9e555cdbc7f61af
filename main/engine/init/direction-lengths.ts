/** Of the largest singular value: what is smaller comes of rounding, or of what was added to make a matrix invertible. */
const negligible = 1e-5;

/**
 * The singular values by which a pair U Sigma, Sigma^-1 (...) is scaled. Directions that no input had (there are fewer tokens than the
 * rank: a classifier's pooler sees one of each row) have none of their own and get the least of the others, so that neither factor
 * is out of proportion. The product of the two does not depend on it.
 */
export const directionLengths = (singularValues: Float64Array): Float64Array => {
  const floor = negligible * (singularValues[0] ?? 0);
  const least = Math.min(...singularValues.filter((value) => value > floor));
  return singularValues.map((value) => (value > floor ? value : Number.isFinite(least) ? least : 1));
};
