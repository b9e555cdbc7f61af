import type { ActivationMatrix } from '../adapters/description/activation-matrix.ts';
import { cholesky, solveLowerFromRight, solveUpperFromRight } from '../linear-algebra/cholesky.ts';
import { doubleProduct } from '../linear-algebra/blocked-products.ts';
import { addToDiagonal, scaleColumns, transpose, type Matrix } from '../linear-algebra/matrix.ts';
import { singularValueDecomposition } from '../linear-algebra/svd.ts';

type Doubles = Matrix<Float64Array>;

/** A matrix S (in x in) that a weight is multiplied by before it is decomposed, and the way back. */
export interface Weighting {
  /** W S, for W (out x in). */
  readonly apply: (weight: Doubles) => Doubles;
  /** R S^-1, for R (r x in). */
  readonly undo: (rows: Doubles) => Doubles;
}

/** Kinds whose S is a full matrix, made from G = mean x x^T. */
export type MatrixKind = Extract<ActivationMatrix['kind'], 'cholesky' | 'eigen' | 'covariance'>;

const meanDiagonal = ({ rows, data }: Doubles): number => {
  let sum = 0;
  for (let at = 0; at < rows; at++) sum += data[at * rows + at]!;
  return sum / rows;
};

/** S = L with L L^T = G (SVD-LLM, arXiv 2403.07378). Where tokens were too few for all directions, the least diagonal that helps is added. */
const byCholesky = (gram: Doubles): Weighting => {
  const unit = meanDiagonal(gram);
  let factor = cholesky(gram);
  for (let share = 1e-12; !factor; share *= 10) factor = cholesky(addToDiagonal(gram, share * unit));
  const lower = factor;
  return {
    apply: (weight) => doubleProduct(weight, lower),
    undo: (rows) => solveLowerFromRight(rows, lower),
  };
};

/** Directions below this share of the largest eigenvalue are taken to be as large as that: G does not tell them from rounding. */
const smallest = 1e-12;

/** S = Q sqrt(lambda) with G = Q lambda Q^T (SVD-LLM V2, arXiv 2503.12340). */
const byEigenvectors = (gram: Doubles): Weighting => {
  const { vt, singularValues } = singularValueDecomposition(gram, gram.rows, 'the activations');
  const floor = smallest * singularValues[0]!;
  const roots = singularValues.map((value) => Math.sqrt(Math.max(value, floor)));
  const directions = { rows: gram.rows, columns: gram.rows, data: vt };
  const q = transpose(directions);
  const inverses = roots.map((root) => 1 / root);
  return {
    apply: (weight) => scaleColumns(doubleProduct(weight, q), roots),
    undo: (rows) => doubleProduct(scaleColumns(rows, inverses), directions),
  };
};

/** As PEFT's, so that G can be inverted. */
const covarianceDamping = 0.01;

/** S = G + damping (CorDA, arXiv 2406.05223). */
const byCovariance = (gram: Doubles): Weighting => {
  const damped = addToDiagonal(gram, covarianceDamping * meanDiagonal(gram));
  const lower = cholesky(damped) as Doubles;
  const upper = transpose(lower);
  return {
    apply: (weight) => doubleProduct(weight, damped),
    // R (L L^T)^-1: first X L^T = R, which is the transposed problem from the other end, then Y L = X.
    undo: (rows) => solveLowerFromRight(solveUpperFromRight(rows, upper), lower),
  };
};

/** Where no input ever was anything but zero, none counts more than another. */
const unweighted: Weighting = { apply: (weight) => weight, undo: (rows) => rows };

const makers: { readonly [K in MatrixKind]: (gram: Doubles) => Weighting } = {
  cholesky: byCholesky,
  eigen: byEigenvectors,
  covariance: byCovariance,
};

/** Layers that share an input share its G: each is taken apart once. */
const known = new WeakMap<Float64Array, Map<MatrixKind, Weighting>>();

/** @param secondMoment G, (in x in) */
export const matrixWeighting = (
  kind: MatrixKind,
  secondMoment: Float64Array,
  inFeatures: number,
): Weighting => {
  const ofInput = known.get(secondMoment) ?? new Map<MatrixKind, Weighting>();
  const gram = { rows: inFeatures, columns: inFeatures, data: secondMoment };
  const weighting = ofInput.get(kind) ?? (meanDiagonal(gram) === 0 ? unweighted : makers[kind](gram));
  known.set(secondMoment, ofInput.set(kind, weighting));
  return weighting;
};
