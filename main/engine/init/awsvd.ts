import { outerSplits, type OuterSplitName } from '../adapters/description/outer-splits.ts';
import { frobeniusNorm } from '../linear-algebra/matrix.ts';
import { singularValueDecomposition } from '../linear-algebra/svd.ts';

export type AwsvdInput = {
  /** W, (outFeatures x inFeatures), row-major. */
  readonly weight: Float32Array;
  readonly outFeatures: number;
  readonly inFeatures: number;
  /** The diagonal of S (inFeatures), positive: see `activationScale`. */
  readonly scale: Float64Array;
  readonly rank: number;
  readonly split: OuterSplitName;
  /** The weight's name, for errors. */
  readonly name?: string;
};

export type AwsvdFactors = {
  /** A = Sigma^a V_r^T S^-1, (rank x inFeatures). */
  readonly a: Float32Array;
  /** B = U_r Sigma^b, (outFeatures x rank). */
  readonly b: Float32Array;
  /** Of W S, descending, (rank). */
  readonly singularValues: Float64Array;
  /** ||(W - B A) S||_F / ||W S||_F before rounding to fp32; from the singular values, so below about 1e-8 it is rounding. */
  readonly relativeError: number;
};

/**
 * The diagonal of S: max(meanAbs, floor)^exponent, entry by entry.
 *
 * @param meanAbs mean over tokens of |x_i| for each input feature, (inFeatures)
 * @param floor keeps dead input features, whose mean is 0, invertible; in the units of the activations
 */
export const activationScale = (meanAbs: Float64Array, exponent: number, floor = 1e-6): Float64Array =>
  meanAbs.map((mean) => Math.max(mean, floor) ** exponent);

/**
 * The frozen outer factors of NoRA by activation-weighted SVD: W S = U Sigma V^T in fp64, of which the leading `rank` triplets
 * make B and A. The paper (arXiv 2408.10280) has B = U_r Sigma_r and A = V_r^T S^-1, here the split 'b'.
 *
 * @throws invalid-input, naming the weight, if the rank does not fit it or an entry of W S is not finite
 */
export const awsvd = ({
  weight,
  outFeatures,
  inFeatures,
  scale,
  rank,
  split,
  name,
}: AwsvdInput): AwsvdFactors => {
  const weighted = new Float64Array(weight.length);
  for (let i = 0; i < weight.length; i++) weighted[i] = weight[i]! * scale[i % inFeatures]!;
  const matrix = { rows: outFeatures, columns: inFeatures, data: weighted };
  const { u, singularValues, vt } = singularValueDecomposition(matrix, rank, name);

  const exponents = outerSplits[split];
  const onB = singularValues.map((sigma) => sigma ** exponents.b);
  const onA = singularValues.map((sigma) => sigma ** exponents.a);
  const b = Float32Array.from(u, (entry, i) => entry * onB[i % rank]!);
  const a = Float32Array.from(
    vt,
    (entry, i) => (entry * onA[Math.floor(i / inFeatures)]!) / scale[i % inFeatures]!,
  );
  const kept = singularValues.map((sigma, k) => sigma - onB[k]! * onA[k]!);
  return { a, b, singularValues, relativeError: relativeError(frobeniusNorm(matrix), singularValues, kept) };
};

/** U and V are orthonormal: the squared error is what the dropped singular values leave plus what the kept ones are off by. */
const relativeError = (norm: number, singularValues: Float64Array, off: Float64Array): number => {
  if (norm === 0) return 0;
  const sumOfSquares = (values: Float64Array): number =>
    values.reduce((sum, value) => sum + value * value, 0);
  const dropped = Math.max(0, norm * norm - sumOfSquares(singularValues));
  return Math.sqrt(dropped + sumOfSquares(off)) / norm;
};
