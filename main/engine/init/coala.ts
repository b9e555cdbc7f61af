import { outerSplits, type OuterSplitName } from '../adapters/description/outer-splits.ts';
import { doubleProduct } from '../linear-algebra/blocked-products.ts';
import { below, beside, transpose, type Matrix } from '../linear-algebra/matrix.ts';
import { singularValueDecomposition } from '../linear-algebra/svd.ts';
import { updateTriangle } from '../linear-algebra/triangle.ts';
import type { OuterPair } from './awsvd-cache.ts';
import { directionLengths } from './direction-lengths.ts';

type Doubles = Matrix<Float64Array>;

export interface CoalaInput {
  /** W (outFeatures x inFeatures) */
  readonly weight: Float32Array;
  readonly outFeatures: number;
  readonly inFeatures: number;
  readonly rank: number;
  /** R (in x in) with R^T R = mean x x^T. */
  readonly triangle: Doubles;
  /**
   * How much the weight itself counts beside its outputs; 0 for not at all. At 1 it is the ratio of the two errors, outputs' to
   * weight's, that a decomposition without regularisation leaves.
   */
  readonly regularisation: number;
  readonly split: OuterSplitName;
  readonly name: string;
}

const energyOf = ({ data }: Doubles): number => data.reduce((sum, value) => sum + value * value, 0);

/**
 * The W' of a rank that loses least of W X: U U^T W, U the leading left singular vectors of W R^T (COALA: Parkina and Rakhuba, arXiv
 * 2507.07580). R comes from a QR decomposition of X^T, so nothing is squared and nothing inverted. Where there are fewer tokens than
 * inputs many W' are as good; mu ||W - W'||^2 is added to tell them apart, which is R over sqrt(mu) I. mu is that of its authors: the
 * regularisation times ||(W - W') X||^2 / ||W - W'||^2 of the solution without it. Where there are fewer directions than the rank, that
 * solution loses nothing of the outputs and mu is 0: then it is the limit for small mu, see `project`.
 *
 * With U^T W in the place of Sigma V^T S^-1 the splits are AwSVD's.
 */
export const coala = async (input: CoalaInput): Promise<OuterPair> => {
  const { outFeatures, inFeatures, rank, triangle, regularisation, split, name } = input;
  const weight = { rows: outFeatures, columns: inFeatures, data: Float64Array.from(input.weight) };
  const plain = project(weight, triangle, rank, name);
  const mu = (regularisation * plain.outputsLost) / (plain.weightLost || Infinity);
  const { u, sigma, projected } =
    mu > 0 ? project(weight, await regularised(triangle, mu), rank, name) : plain;
  const exponents = outerSplits[split];
  const lengths = directionLengths(sigma);
  return {
    b: Float32Array.from(u.data, (value, at) => value * lengths[at % rank]! ** exponents.b),
    a: Float32Array.from(
      projected.data,
      (value, at) => value * lengths[Math.floor(at / inFeatures)]! ** (exponents.a - 1),
    ),
  };
};

interface Projection {
  /** (out x rank) */
  readonly u: Doubles;
  /** Zero for directions that no input has. */
  readonly sigma: Float64Array;
  /** U^T W (rank x in) */
  readonly projected: Doubles;
  /** ||(W - W') R^T||^2 and ||W - W'||^2; what is within rounding of zero is zero. */
  readonly outputsLost: number;
  readonly weightLost: number;
}

/** Of the largest singular value, or of a norm: what is smaller is rounding. */
const rounding = 1e-12;

/**
 * U U^T W for the leading left singular vectors U of W R^T. Where W R^T has fewer directions than the rank (fewer tokens, dead inputs, equal
 * inputs) the others are those of what is left of W: any would do for the outputs, and these lose least of the weight. They are the limit
 * of a regularisation that goes to zero, and do not depend on how W R^T was rounded.
 */
const project = (weight: Doubles, triangle: Doubles, rank: number, name: string): Projection => {
  const weighted = doubleProduct(weight, transpose(triangle));
  const { u, singularValues } = singularValueDecomposition(weighted, rank, name);
  const floor = rounding * singularValues[0]!;
  const directions = singularValues.filter((value) => value > floor).length;
  const used = leading({ rows: weight.rows, columns: rank, data: u }, directions);
  const projected = doubleProduct(transpose(used), weight);
  const plain = {
    outputsLost: lostOf(weighted, used, doubleProduct(transpose(used), weighted)),
    weightLost: lostOf(weight, used, projected),
  };
  if (directions === rank) return { u: used, sigma: singularValues, projected, ...plain };

  const left = difference(weight, doubleProduct(used, projected));
  const more = singularValueDecomposition(left, rank - directions, name);
  const others = { rows: weight.rows, columns: rank - directions, data: more.u };
  const onOthers = doubleProduct(transpose(others), left);
  return {
    u: beside(used, others),
    sigma: singularValues.map((value) => (value > floor ? value : 0)),
    projected: below(projected, onOthers),
    outputsLost: 0,
    weightLost: lostOf(left, others, onOthers),
  };
};

/** ||M - U P||^2, not as a difference of norms, which would lose half of the digits. */
const lostOf = (matrix: Doubles, u: Doubles, projected: Doubles): number => {
  const kept = doubleProduct(u, projected).data;
  const lost = matrix.data.reduce((sum, value, at) => sum + (value - kept[at]!) ** 2, 0);
  return lost > rounding ** 2 * energyOf(matrix) ? lost : 0;
};

const difference = (left: Doubles, right: Doubles): Doubles => ({
  ...left,
  data: left.data.map((value, at) => value - right.data[at]!),
});

/** The first columns. */
const leading = ({ rows, columns, data }: Doubles, count: number): Doubles => ({
  rows,
  columns: count,
  data: data.filter((_, at) => at % columns < count),
});

/** The triangle of R with sqrt(mu) I below it: its square is R^T R + mu I. */
const regularised = async ({ rows: n, data }: Doubles, mu: number): Promise<Doubles> => {
  const rows = new Float64Array(n * n);
  for (let at = 0; at < n; at++) rows[at * n + at] = Math.sqrt(mu);
  return { rows: n, columns: n, data: await updateTriangle(data, rows, n) };
};
