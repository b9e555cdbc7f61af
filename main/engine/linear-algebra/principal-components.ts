import { gramMatrix } from './blocked-products.ts';
import { multiply, transpose, type AnyMatrix, type Matrix } from './matrix.ts';
import { truncatedSvd } from './truncated-svd.ts';

/** The directions in which rows vary most, and from where they are looked at. */
export interface PrincipalComponents {
  /** (columns) */
  readonly mean: Float64Array;
  /** (count x columns), orthonormal. In each the entry of largest magnitude is positive. */
  readonly axes: Matrix<Float64Array>;
}

/** Rows on some axes, and how much of them is there. */
export interface Projection {
  /** (rows x axes) */
  readonly points: Matrix<Float64Array>;
  /** Of the rows' variance about their own mean, what lies along each axis: 0 to 1. */
  readonly explained: readonly number[];
}

const centred = ({ rows, columns, data }: AnyMatrix, mean: Float64Array): Matrix<Float64Array> => ({
  rows,
  columns,
  data: Float64Array.from(data, (value, at) => value - mean[at % columns]!),
});

const meanOf = ({ rows, columns, data }: AnyMatrix): Float64Array => {
  const mean = new Float64Array(columns);
  for (let at = 0; at < data.length; at++) mean[at % columns]! += data[at]! / rows;
  return mean;
};

/**
 * From the covariance: its leading eigenvectors, which are also its singular vectors.
 * @param matrix a row for each thing, two at least
 * @throws invalid-input where a number is not finite
 */
export const principalComponents = (matrix: AnyMatrix, count: number): PrincipalComponents => {
  const mean = meanOf(matrix);
  const { columns } = matrix;
  const { vt } = truncatedSvd(gramMatrix(centred(matrix, mean)), count, 'features');
  return { mean, axes: { rows: count, columns, data: vt } };
};

/** Where rows lie as seen along the axes. What is perpendicular to these is lost. */
export const project = (matrix: AnyMatrix, { mean, axes }: PrincipalComponents): Projection => {
  const points = multiply(centred(matrix, mean), transpose(axes));
  const own = centred(matrix, meanOf(matrix));
  const total = own.data.reduce((sum, value) => sum + value * value, 0);
  const along = multiply(own, transpose(axes));
  const explained = Array.from({ length: axes.rows }, (_, axis) => {
    if (total === 0) return 0;
    let sum = 0;
    for (let row = 0; row < along.rows; row++) sum += along.data[row * axes.rows + axis]! ** 2;
    return sum / total;
  });
  return { points, explained };
};
