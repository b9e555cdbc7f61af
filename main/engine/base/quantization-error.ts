import { blockSize } from './base-format.ts';
import { blocksPerRow, type Blocks, type ScaledRows } from './quantize.ts';

/** Sums of squares over the weights seen so far: of what the rounding changed, and of the weights themselves. */
export interface SquaredError {
  difference: number;
  weight: number;
}

/** Adds the error of W^T (columns x rows) in 8 bits. */
export const relativeRowError = (
  weight: Float32Array,
  rows: number,
  columns: number,
  { values, scales }: ScaledRows,
  sums: SquaredError,
): void => {
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const value = weight[row * columns + column]!;
      sums.difference += (value - values[column * rows + row]! * scales[row]!) ** 2;
      sums.weight += value ** 2;
    }
};

/** Adds the error of a matrix in blocks. */
export const relativeBlockError = (
  weight: Float32Array,
  columns: number,
  bits: 4 | 8,
  { values, scales }: Blocks,
  sums: SquaredError,
): void => {
  const perRow = blocksPerRow(columns);
  for (let at = 0; at < weight.length; at++) {
    const level = bits === 8 ? (values[at]! << 24) >> 24 : ((values[at >> 1]! >> ((at & 1) * 4)) << 28) >> 28;
    const [row, column] = [Math.floor(at / columns), at % columns];
    const value = weight[at]!;
    sums.difference += (value - level * scales[row * perRow + Math.floor(column / blockSize)]!) ** 2;
    sums.weight += value ** 2;
  }
};
