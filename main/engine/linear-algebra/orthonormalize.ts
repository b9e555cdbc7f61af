import { blockedProduct, gramMatrix } from './blocked-products.ts';
import type { Matrix } from './matrix.ts';

/**
 * An orthonormal basis of the columns of a tall matrix (n x l) by Cholesky QR, twice: the first pass leaves an error of about
 * epsilon times the squared condition number, which the second removes. Null where the columns are dependent in fp64.
 */
export const orthonormalize = (matrix: Matrix<Float64Array>): Matrix<Float64Array> | null => {
  const once = pass(matrix);
  return once && pass(once);
};

/** matrix R^-1 where matrix^T matrix = R^T R. */
const pass = (matrix: Matrix<Float64Array>): Matrix<Float64Array> | null => {
  const inverse = invertedCholesky(gramMatrix(unitColumns(matrix)));
  return inverse && blockedProduct(unitColumns(matrix), inverse);
};

/** Columns of very different length would lose digits in the Gram matrix for nothing. */
const unitColumns = ({ rows, columns, data }: Matrix<Float64Array>): Matrix<Float64Array> => {
  const squares = new Float64Array(columns);
  data.forEach((entry, at) => (squares[at % columns]! += entry * entry));
  const lengths = squares.map((square) => Math.sqrt(square) || 1);
  return { rows, columns, data: data.map((entry, at) => entry / lengths[at % columns]!) };
};

/** R^-1 (upper triangular) for a positive definite R^T R; null where a pivot is lost in rounding. */
const invertedCholesky = ({ columns: n, data: gram }: Matrix<Float64Array>): Matrix<Float64Array> | null => {
  const r = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const row = gram.slice(i * n, (i + 1) * n);
    for (let k = 0; k < i; k++) {
      const factor = r[k * n + i]!;
      for (let j = i; j < n; j++) row[j]! -= factor * r[k * n + j]!;
    }
    if (!(row[i]! > 1e-14)) return null;
    const pivot = Math.sqrt(row[i]!);
    for (let j = i; j < n; j++) r[i * n + j] = row[j]! / pivot;
  }
  const inverse = new Float64Array(n * n);
  for (let i = n - 1; i >= 0; i--) {
    const at = i * n;
    inverse[at + i] = 1;
    for (let k = i + 1; k < n; k++) {
      const factor = r[at + k]!;
      for (let j = k; j < n; j++) inverse[at + j]! -= factor * inverse[k * n + j]!;
    }
    for (let j = i; j < n; j++) inverse[at + j]! /= r[at + i]!;
  }
  return { rows: n, columns: n, data: inverse };
};
