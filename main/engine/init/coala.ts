import { doubleProduct } from '../linear-algebra/blocked-products.ts';
import { transpose, type Matrix } from '../linear-algebra/matrix.ts';
import { singularValueDecomposition } from '../linear-algebra/svd.ts';
import { updateTriangle } from '../linear-algebra/triangle.ts';
import { outerSplits, type OuterSplitName } from './awsvd.ts';
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
  /** In units of the ratio of what is lost of the outputs to what is lost of the weight, without it; 0 for none. */
  readonly regularisation: number;
  readonly split: OuterSplitName;
  readonly name: string;
}

const energyOf = ({ data }: Doubles): number => data.reduce((sum, value) => sum + value * value, 0);

/**
 * The W' of a rank that loses least of W X: U U^T W, U the leading left singular vectors of W R^T (COALA: Parkina and Rakhuba, arXiv
 * 2507.07580). R comes from a QR decomposition of X^T, so nothing is squared and nothing inverted. Where there are fewer tokens than
 * inputs many W' are as good; mu ||W - W'||^2 is added to tell them apart, which is R over sqrt(mu) I. mu is that of its authors: the
 * regularisation times ||(W - W') X||^2 / ||W - W'||^2 of the solution without it.
 *
 * With U^T W in the place of Sigma V^T S^-1 the splits are AwSVD's.
 */
export const coala = async (input: CoalaInput): Promise<OuterPair> => {
  const { outFeatures, inFeatures, rank, triangle, regularisation, split, name } = input;
  const weight = { rows: outFeatures, columns: inFeatures, data: Float64Array.from(input.weight) };
  const plain = project(weight, triangle, rank, name);
  const mu = (regularisation * plain.outputsLost) / (plain.weightLost || Infinity);
  const { u, sigma, projected } =
    mu > 0 ? project(weight, await withDiagonal(triangle, mu), rank, name) : plain;
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
  readonly sigma: Float64Array;
  /** U^T W (rank x in) */
  readonly projected: Doubles;
  /** ||(W - W') R^T||^2 and ||W - W'||^2: U is orthonormal, so they are what is left of the norms. */
  readonly outputsLost: number;
  readonly weightLost: number;
}

const project = (weight: Doubles, triangle: Doubles, rank: number, name: string): Projection => {
  const weighted = doubleProduct(weight, transpose(triangle));
  const { u: data, singularValues: sigma } = singularValueDecomposition(weighted, rank, name);
  const u = { rows: weight.rows, columns: rank, data };
  const projected = doubleProduct(transpose(u), weight);
  const kept = sigma.reduce((sum, value) => sum + value * value, 0);
  return {
    u,
    sigma,
    projected,
    outputsLost: Math.max(0, energyOf(weighted) - kept),
    weightLost: Math.max(0, energyOf(weight) - energyOf(projected)),
  };
};

/** R of R over sqrt(mu) I. */
const withDiagonal = async ({ rows: n, data }: Doubles, mu: number): Promise<Doubles> => {
  const rows = new Float64Array(n * n);
  for (let at = 0; at < n; at++) rows[at * n + at] = Math.sqrt(mu);
  return { rows: n, columns: n, data: await updateTriangle(data, rows, n) };
};
