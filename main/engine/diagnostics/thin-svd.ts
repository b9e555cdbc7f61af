import { leadingQr } from '../linear-algebra/leading-qr.ts';
import { multiply, transpose, type AnyMatrix, type Matrix } from '../linear-algebra/matrix.ts';
import { singularValueDecomposition } from '../linear-algebra/svd.ts';

type Doubles = Matrix<Float64Array>;

/** Left and right singular vectors as columns, and the values, largest first. */
export interface ThinSvd {
  /** (m x k) */
  readonly left: Doubles;
  readonly singularValues: Float64Array;
  /** (n x k) */
  readonly right: Doubles;
}

/** Singular values below this share of the largest are rounding: factors are kept in float32. */
export const numericallyZero = 1e-6;

const leadingColumns = ({ rows, columns, data }: Doubles, count: number): Doubles => ({
  rows,
  columns: count,
  data: Float64Array.from({ length: rows * count }, (_, at) => {
    const [row, column] = [Math.floor(at / count), at % count];
    return data[row * columns + column]!;
  }),
});

/** How many singular values are more than rounding; 0 for a matrix of zeros. */
export const numericalRank = (singularValues: Float64Array): number => {
  const [largest = 0] = singularValues;
  return singularValues.filter((value) => value > numericallyZero * largest).length;
};

/**
 * The singular value decomposition of a product left (m x k) right (k x n) from its two thin sides: QR of left and of right^T, then the SVD
 * of R1 R2^T, which is (k x k). The product itself is never made. Only triplets that are more than rounding are given: none where it is zero.
 * @param name for errors
 * @throws invalid-input where an entry is not finite
 */
export const productSvd = (left: AnyMatrix, right: AnyMatrix, name = 'the product'): ThinSvd => {
  const ofLeft = leadingQr(left, Math.min(left.rows, left.columns));
  const ofRight = leadingQr(transpose(right), Math.min(right.rows, right.columns));
  const core = multiply(ofLeft.r, transpose(ofRight.r));
  const all = Math.min(core.rows, core.columns);
  const { u, singularValues, vt } = singularValueDecomposition(core, all, name);
  const rank = numericalRank(singularValues);
  const coreLeft = leadingColumns({ rows: core.rows, columns: all, data: u }, rank);
  const coreRight = leadingColumns(transpose({ rows: all, columns: core.columns, data: vt }), rank);
  return {
    left: multiply(ofLeft.q, coreLeft),
    singularValues: singularValues.slice(0, rank),
    right: multiply(ofRight.q, coreRight),
  };
};

/** Orthonormal columns that span those of a tall matrix (n x k), those of the largest singular values first; fewer where they depend on each other. */
export const orthonormalBasis = (matrix: AnyMatrix): Doubles => {
  const { q, r } = leadingQr(matrix, Math.min(matrix.rows, matrix.columns));
  const all = Math.min(r.rows, r.columns);
  const { u, singularValues } = singularValueDecomposition(r, all, 'the triangle');
  const basis = leadingColumns({ rows: r.rows, columns: all, data: u }, numericalRank(singularValues));
  return multiply(q, basis);
};

/** The first columns of a basis. */
export const firstColumns = (basis: Doubles, count: number): Doubles =>
  leadingColumns(basis, Math.min(count, basis.columns));
