import { nativeAddon } from '../linear-algebra/native.ts';
import { blockSize } from './base-format.ts';

const { fround, floor, ceil, abs, max, min } = Math;

/** To the nearest integer, halves up, with every intermediate rounded to float32: bit for bit what the native twin does. */
const nearest = (value: number, inverse: number): number => floor(fround(fround(value * inverse) + 0.5));

/** A matrix in 8 bits: `values` times the scale of their row. */
export interface ScaledRows {
  readonly values: Int8Array;
  /** One per row. */
  readonly scales: Float32Array;
}

/** Both 8-bit copies of a weight W (rows x columns). */
export interface TwoWayInt8 {
  /** W^T (columns x rows) with a scale for each row of W: what x W^T is computed from. */
  readonly forward: ScaledRows;
  /** W (rows x columns) with a scale for each column of W: what dY W is computed from. */
  readonly backward: ScaledRows;
}

/** q = round(w / s) with s = max |w| / 127 over the row, or the column. All zeros get the scale 0. */
export const quantizeTwoWay = (weight: Float32Array, rows: number, columns: number): TwoWayInt8 => {
  const made: TwoWayInt8 = {
    forward: { values: new Int8Array(rows * columns), scales: new Float32Array(rows) },
    backward: { values: new Int8Array(rows * columns), scales: new Float32Array(columns) },
  };
  const { forward, backward } = made;
  const addon = nativeAddon();
  if (addon)
    addon.quantizeTwoWay(
      rows,
      columns,
      weight,
      forward.values,
      forward.scales,
      backward.values,
      backward.scales,
    );
  else twoWay(weight, rows, columns, made);
  return made;
};

const inverseOf = (largest: number): number => (largest === 0 ? 0 : fround(127 / largest));

const twoWay = (
  weight: Float32Array,
  rows: number,
  columns: number,
  { forward, backward }: TwoWayInt8,
): void => {
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const size = abs(weight[row * columns + column]!);
      forward.scales[row] = max(forward.scales[row]!, size);
      backward.scales[column] = max(backward.scales[column]!, size);
    }
  const byRow = forward.scales.map(inverseOf);
  const byColumn = backward.scales.map(inverseOf);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const value = weight[row * columns + column]!;
      forward.values[column * rows + row] = nearest(value, byRow[row]!);
      backward.values[row * columns + column] = nearest(value, byColumn[column]!);
    }
  for (const { scales } of [forward, backward])
    scales.forEach((largest, at) => (scales[at] = fround(largest / 127)));
};

/** A matrix in blocks of `blockSize` along its rows, each block with a scale. */
export interface Blocks {
  /** int8, or two int4 a byte, the first one in the low half; in the order of the flattened matrix. */
  readonly values: Uint8Array;
  /** (rows x ceil(columns / blockSize)) */
  readonly scales: Float32Array;
}

export const blocksPerRow = (columns: number): number => ceil(columns / blockSize);

/**
 * 8 bits: q = round(w / s) with s = max |w| / 127. 4 bits: s = w* / -8 with w* the weight of largest magnitude, so that it is met exactly
 * and all sixteen levels -8..7 are used.
 */
export const quantizeBlocks = (weight: Float32Array, rows: number, columns: number, bits: 4 | 8): Blocks => {
  const made: Blocks = {
    values: new Uint8Array(ceil((rows * columns * bits) / 8)),
    scales: new Float32Array(rows * blocksPerRow(columns)),
  };
  const addon = nativeAddon();
  if (addon) addon.quantizeBlocks(columns, blockSize, bits, weight, made.values, made.scales);
  else blocks(weight, rows, columns, bits, made);
  return made;
};

const blocks = (
  weight: Float32Array,
  rows: number,
  columns: number,
  bits: 4 | 8,
  { values, scales }: Blocks,
): void => {
  let block = 0;
  for (let row = 0; row < rows; row++)
    for (let start = 0; start < columns; start += blockSize) {
      const [from, to] = [row * columns + start, row * columns + min(start + blockSize, columns)];
      let extreme = 0;
      for (let at = from; at < to; at++) if (abs(weight[at]!) > abs(extreme)) extreme = weight[at]!;
      const levels = bits === 8 ? 127 * Math.sign(extreme) : -8;
      scales[block++] = extreme === 0 ? 0 : extreme / levels;
      const inverse = extreme === 0 ? 0 : fround(levels / extreme);
      for (let at = from; at < to; at++) {
        const level = nearest(weight[at]!, inverse);
        if (bits === 8) values[at] = level;
        else values[at >> 1]! |= (min(level, 7) & 15) << ((at & 1) * 4);
      }
    }
};

/** The matrix that the blocks stand for. */
export const dequantizeBlocks = (
  { values, scales }: Blocks,
  rows: number,
  columns: number,
  bits: 4 | 8,
): Float32Array => {
  const perRow = blocksPerRow(columns);
  const levelAt = (at: number): number =>
    bits === 8 ? (values[at]! << 24) >> 24 : ((values[at >> 1]! >> ((at & 1) * 4)) << 28) >> 28;
  return Float32Array.from({ length: rows * columns }, (_, at) => {
    const [row, column] = [floor(at / columns), at % columns];
    return levelAt(at) * scales[row * perRow + floor(column / blockSize)]!;
  });
};
