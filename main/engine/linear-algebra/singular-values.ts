import { bidiagonalSvd } from './bidiagonal-qr.ts';
import { bidiagonalize } from './bidiagonalization.ts';
import type { AnyMatrix, Matrix } from './matrix.ts';
import { transpose } from './matrix.ts';
import { nativeAddon } from './native.ts';
import { powerOfTwoBelow } from './power-of-two.ts';
import { singularValueDecomposition } from './svd.ts';
import { takeIn } from './triangle.ts';
import { checkSvdInput } from './truncated-svd.ts';

/** From this many times as many rows as columns on, a triangle first takes fewer operations (Chan 1982, "An improved algorithm for computing the singular value decomposition"). */
const isTall = ({ rows, columns }: AnyMatrix): boolean => 3 * rows > 5 * columns;

const dividedBy = ({ rows, columns, data }: AnyMatrix, unit: number): Matrix<Float64Array> => ({
  rows,
  columns,
  data: Float64Array.from(data, (entry) => entry / unit),
});

/**
 * Every singular value of a matrix, largest first, in fp64: exact to rounding relative to the largest. No vectors are made, which is what takes
 * most of the time of a whole decomposition.
 * @throws invalid-input, naming `name`, where an entry is not finite
 */
export const singularValues = (matrix: AnyMatrix, name = 'matrix'): Float64Array => {
  const most = Math.min(matrix.rows, matrix.columns);
  if (nativeAddon()) return singularValueDecomposition(matrix, most, name).singularValues;
  checkSvdInput(matrix, most, name);
  const unit = powerOfTwoBelow(Float64Array.from(matrix.data)) || 1;
  const standing = dividedBy(matrix.rows < matrix.columns ? transpose(matrix) : matrix, unit);
  const { columns } = standing;
  const core = isTall(standing)
    ? { rows: columns, columns, data: takeIn(new Float64Array(columns * columns), standing.data, columns) }
    : standing;
  const { diagonal, superdiagonal } = bidiagonalize(core);
  return bidiagonalSvd(diagonal, superdiagonal)
    .values.map((value) => Math.abs(value) * unit)
    .sort((a, b) => b - a);
};
