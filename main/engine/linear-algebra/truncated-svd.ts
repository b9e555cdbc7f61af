import { invalidInput } from '../errors.ts';
import { bidiagonalSvd, replayRotations } from './bidiagonal-qr.ts';
import { applyLeftReflectors, applyRightReflectors, bidiagonalize } from './bidiagonalization.ts';
import type { AnyMatrix, Matrix } from './matrix.ts';
import { transpose } from './matrix.ts';
import { powerOfTwoBelow } from './power-of-two.ts';

/**
 * The leading r singular triplets of an (m x n) matrix: u (m x r), singularValues (r, descending), vt (r x n), row-major.
 * Sign rule: in each row of vt the entry of largest magnitude is positive (the first one, if several are equal).
 */
export type TruncatedSvd = {
  readonly u: Float64Array;
  readonly singularValues: Float64Array;
  readonly vt: Float64Array;
};

/**
 * Rank-r truncated singular value decomposition in fp64, exact to rounding (relative to the largest singular value) and
 * deterministic. The TypeScript twin of `truncatedSvd` in native/.
 *
 * Householder bidiagonalisation, implicit QR on the bidiagonal, then both carried over to the leading r columns only. A Gram
 * matrix would square the condition number; subspace iteration is slow where singular values lie close together, as
 * they do in model weights.
 *
 * @throws invalid-input, naming `name`, if the rank is not in 1..min(m, n) or an entry is not finite
 */
export const truncatedSvd = (matrix: AnyMatrix, rank: number, name = 'matrix'): TruncatedSvd => {
  checkSvdInput(matrix, rank, name);
  const { rows, columns, data } = matrix;
  const wide = rows < columns;
  const tall = wide ? transpose(matrix) : { rows, columns, data: Float64Array.from(data) };
  const { left, singularValues, right } = decomposeTall(tall, rank);
  const [u, v] = wide ? [right, left] : [left, right];
  return fixSigns({ u: u.data, singularValues, vt: transpose(v).data });
};

/** Refuses what no truncated decomposition can be made of, in words for the person who chose the rank. */
export const checkSvdInput = ({ rows, columns, data }: AnyMatrix, rank: number, name: string): void => {
  const most = Math.min(rows, columns);
  if (!Number.isInteger(rank) || rank < 1)
    throw invalidInput(`${name}: rank ${rank} is not a positive whole number`);
  if (rank > most) {
    throw invalidInput(
      `${name}: rank ${rank} is more than ${most}, the smaller side of this ${rows} x ${columns} matrix`,
    );
  }
  const wrong = data.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) {
    const [row, column] = [Math.floor(wrong / columns), wrong % columns];
    throw invalidInput(`${name}: the entry at row ${row}, column ${column} is ${data[wrong]}`);
  }
};

/** Applies the sign rule of `TruncatedSvd`, in place: singular vectors come in pairs (u, v) and (-u, -v) alike. */
export const fixSigns = (svd: TruncatedSvd): TruncatedSvd => {
  const { u, singularValues, vt } = svd;
  const rank = singularValues.length;
  const columns = vt.length / rank;
  for (let k = 0; k < rank; k++) {
    const right = vt.subarray(k * columns, (k + 1) * columns);
    let largest = 0;
    for (const entry of right) if (Math.abs(entry) > Math.abs(largest)) largest = entry;
    if (largest > 0) continue;
    for (let j = 0; j < columns; j++) right[j]! *= -1;
    for (let i = k; i < u.length; i += rank) u[i]! *= -1;
  }
  return svd;
};

/** The leading triplets for m >= n, overwriting `matrix`: left vectors as columns (m x r), right ones as columns (n x r). */
const decomposeTall = (
  matrix: Matrix<Float64Array>,
  rank: number,
): { left: Matrix<Float64Array>; singularValues: Float64Array; right: Matrix<Float64Array> } => {
  const { rows, columns } = matrix;
  const unit = scaleToUnit(matrix.data);
  const bidiagonalization = bidiagonalize(matrix);
  const inner = bidiagonalSvd(bidiagonalization.diagonal, bidiagonalization.superdiagonal);
  const order = Array.from(inner.values.keys())
    .sort((i, j) => Math.abs(inner.values[j]!) - Math.abs(inner.values[i]!))
    .slice(0, rank);

  const left = { rows, columns: rank, data: new Float64Array(rows * rank) };
  const right = { rows: columns, columns: rank, data: new Float64Array(columns * rank) };
  order.forEach((index, k) => {
    left.data[index * rank + k] = 1;
    right.data[index * rank + k] = inner.values[index]! < 0 ? -1 : 1;
  });
  replayRotations(inner, 'left', left);
  replayRotations(inner, 'right', right);
  applyLeftReflectors(bidiagonalization, left);
  applyRightReflectors(bidiagonalization, right);
  return {
    left,
    singularValues: Float64Array.from(order, (index) => Math.abs(inner.values[index]!) * unit),
    right,
  };
};

/** Brings the largest entry to between 1 and 2 and returns the unit divided by. */
const scaleToUnit = (data: Float64Array): number => {
  const unit = powerOfTwoBelow(data) || 1;
  for (let i = 0; i < data.length; i++) data[i]! /= unit;
  return unit;
};
