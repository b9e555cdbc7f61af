import type { Matrix } from './matrix.ts';
import { makeReflector } from './reflector.ts';

/**
 * W = Q B P^T with m >= n: B is upper bidiagonal (n x n), Q and P are products of Householder reflectors I - tau v v^T.
 * Left reflector k lives from the diagonal down in column k of `reflectors`, right reflector k from the superdiagonal on in
 * row k; the leading entry of each v is 1.
 */
export type Bidiagonalization = {
  readonly reflectors: Matrix<Float64Array>;
  readonly diagonal: Float64Array; // n
  readonly superdiagonal: Float64Array; // n - 1
  readonly leftTau: Float64Array; // n
  readonly rightTau: Float64Array; // n - 1
};

/**
 * Householder bidiagonalisation of a tall or square matrix (m >= n), overwriting its data. Golub and Van Loan, Matrix
 * Computations, 5.4.8. 4 n^2 (m - n/3) operations; entries must be far from overflow when squared.
 */
export const bidiagonalize = (matrix: Matrix<Float64Array>): Bidiagonalization => {
  const { rows, columns, data } = matrix;
  const diagonal = new Float64Array(columns);
  const superdiagonal = new Float64Array(columns - 1);
  const leftTau = new Float64Array(columns);
  const rightTau = new Float64Array(columns - 1);
  for (let k = 0; k < columns; k++) {
    const left = gather(data, k * columns + k, columns, rows - k);
    ({ diagonal: diagonal[k], tau: leftTau[k] } = makeReflector(left));
    scatter(left, data, k * columns + k, columns);
    applyFromLeft(matrix, k, k + 1, left, leftTau[k]!);
    if (k === columns - 1) break;

    const right = gather(data, k * columns + k + 1, 1, columns - k - 1);
    ({ diagonal: superdiagonal[k], tau: rightTau[k] } = makeReflector(right));
    scatter(right, data, k * columns + k + 1, 1);
    applyFromRight(matrix, k + 1, k + 1, right, rightTau[k]!);
  }
  return { reflectors: matrix, diagonal, superdiagonal, leftTau, rightTau };
};

/** Q times `target` (m x r), in place. */
export const applyLeftReflectors = (
  { reflectors, leftTau }: Bidiagonalization,
  target: Matrix<Float64Array>,
): void => {
  const { rows, columns, data } = reflectors;
  for (let k = columns - 1; k >= 0; k--) {
    const reflector = gather(data, k * columns + k, columns, rows - k);
    applyFromLeft(target, k, 0, reflector, leftTau[k]!);
  }
};

/** P times `target` (n x r), in place. */
export const applyRightReflectors = (
  { reflectors, rightTau }: Bidiagonalization,
  target: Matrix<Float64Array>,
): void => {
  const { columns, data } = reflectors;
  for (let k = columns - 2; k >= 0; k--) {
    const reflector = gather(data, k * columns + k + 1, 1, columns - k - 1);
    applyFromLeft(target, k + 1, 0, reflector, rightTau[k]!);
  }
};

/** target[firstRow.., firstColumn..] -= tau v (v^T target), where v spans all rows from firstRow. */
const applyFromLeft = (
  { columns, data }: Matrix<Float64Array>,
  firstRow: number,
  firstColumn: number,
  vector: Float64Array,
  tau: number,
): void => {
  if (tau === 0) return;
  const width = columns - firstColumn;
  const start = firstRow * columns + firstColumn;
  const projection = new Float64Array(width); // v^T target
  for (let i = 0; i < vector.length; i++) {
    const factor = vector[i]!;
    const row = start + i * columns;
    for (let j = 0; j < width; j++) projection[j]! += factor * data[row + j]!;
  }
  for (let i = 0; i < vector.length; i++) {
    const factor = tau * vector[i]!;
    const row = start + i * columns;
    for (let j = 0; j < width; j++) data[row + j]! -= factor * projection[j]!;
  }
};

/** target[firstRow.., firstColumn..] -= tau (target v) v^T, where v spans all columns from firstColumn. */
const applyFromRight = (
  { rows, columns, data }: Matrix<Float64Array>,
  firstRow: number,
  firstColumn: number,
  vector: Float64Array,
  tau: number,
): void => {
  if (tau === 0) return;
  const width = vector.length;
  for (let i = firstRow; i < rows; i++) {
    const row = i * columns + firstColumn;
    let dot = 0;
    for (let j = 0; j < width; j++) dot += data[row + j]! * vector[j]!;
    dot *= tau;
    for (let j = 0; j < width; j++) data[row + j]! -= dot * vector[j]!;
  }
};

/** Copies `length` entries of `source`, `stride` apart, into a new vector. */
const gather = (source: Float64Array, start: number, stride: number, length: number): Float64Array => {
  const vector = new Float64Array(length);
  for (let i = 0; i < length; i++) vector[i] = source[start + i * stride]!;
  return vector;
};

const scatter = (vector: Float64Array, target: Float64Array, start: number, stride: number): void => {
  for (let i = 0; i < vector.length; i++) target[start + i * stride] = vector[i]!;
};
