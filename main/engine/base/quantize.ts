import { nativeAddon } from '../linear-algebra/native.ts';
import { blockSize } from './base-format.ts';

const { fround, floor, ceil, abs, max, min } = Math;

/** To the nearest integer, halves up, with every intermediate rounded to float32: bit for bit what the native twin does. */
const nearest = (value: number, inverse: number): number => floor(fround(fround(value * inverse) + 0.5));

/** A matrix in 8 bits: `values` times the scale of their row. */
export interface ScaledRows {
  readonly values: Int8Array;
  /** What a row's whole numbers are multiplied by, one per row. */
  readonly scales: Float32Array;
}

/** What rounding changed, and the weights themselves, as sums of squares. */
export interface SquaredError {
  readonly difference: number;
  readonly weight: number;
}

/** Both 8-bit copies of a weight W (rows x columns). */
export interface TwoWayInt8 {
  /** What the copy for the forward product leaves out of the weight. */
  readonly error: SquaredError;
  /** W^T (columns x rows) with a scale for each row of W: what x W^T is computed from. */
  readonly forward: ScaledRows;
  /** W (rows x columns) with a scale for each column of W: what dY W is computed from. */
  readonly backward: ScaledRows;
}

type Sums = [difference: number, weight: number];

const addError = (sums: Sums, value: number, rounded: number): void => {
  sums[0] += (value - rounded) ** 2;
  sums[1] += value ** 2;
};

const asError = ([difference, weight]: readonly number[]): SquaredError => ({
  difference: difference!,
  weight: weight!,
});

/** q = round(w / s) with s = max |w| / 127 over the row, or the column. All zeros get the scale 0. */
export const quantizeTwoWay = (weight: Float32Array, rows: number, columns: number): TwoWayInt8 => {
  const made: Omit<TwoWayInt8, 'error'> = {
    forward: { values: new Int8Array(rows * columns), scales: new Float32Array(rows) },
    backward: { values: new Int8Array(rows * columns), scales: new Float32Array(columns) },
  };
  const { forward, backward } = made;
  const sums =
    nativeAddon()?.quantizeTwoWay(
      rows,
      columns,
      weight,
      forward.values,
      forward.scales,
      backward.values,
      backward.scales,
    ) ?? twoWay(weight, rows, columns, made);
  return { ...made, error: asError(sums) };
};

const inverseOf = (largest: number): number => (largest === 0 ? 0 : fround(127 / largest));

const twoWay = (
  weight: Float32Array,
  rows: number,
  columns: number,
  { forward, backward }: Omit<TwoWayInt8, 'error'>,
): Sums => {
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const size = abs(weight[row * columns + column]!);
      forward.scales[row] = max(forward.scales[row]!, size);
      backward.scales[column] = max(backward.scales[column]!, size);
    }
  const byRow = forward.scales.map(inverseOf);
  const byColumn = backward.scales.map(inverseOf);
  for (const { scales } of [forward, backward])
    scales.forEach((largest, at) => (scales[at] = fround(largest / 127)));
  const sums: Sums = [0, 0];
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const value = weight[row * columns + column]!;
      const level = nearest(value, byRow[row]!);
      forward.values[column * rows + row] = level;
      backward.values[row * columns + column] = nearest(value, byColumn[column]!);
      addError(sums, value, level * forward.scales[row]!);
    }
  return sums;
};

/** A matrix in blocks of `blockSize` along its rows, each block with a scale. */
export interface Blocks {
  /** int8, or two int4 a byte, the first one in the low half; in the order of the flattened matrix. */
  readonly values: Uint8Array;
  /** (rows x ceil(columns / blockSize)) */
  readonly scales: Float32Array;
}

export interface QuantizedBlocks extends Blocks {
  readonly error: SquaredError;
}

export const blocksPerRow = (columns: number): number => ceil(columns / blockSize);

/**
 * 8 bits: q = round(w / s) with s = max |w| / 127. 4 bits: s = w* / -8 with w* the weight of largest magnitude, so that it is met exactly
 * and all sixteen levels -8..7 are used.
 */
export const quantizeBlocks = (
  weight: Float32Array,
  rows: number,
  columns: number,
  bits: 4 | 8,
): QuantizedBlocks => {
  const made: Blocks = {
    values: new Uint8Array(ceil((rows * columns * bits) / 8)),
    scales: new Float32Array(rows * blocksPerRow(columns)),
  };
  const sums =
    nativeAddon()?.quantizeBlocks(columns, blockSize, bits, weight, made.values, made.scales) ??
    blocks(weight, rows, columns, bits, made);
  return { ...made, error: asError(sums) };
};

const blocks = (
  weight: Float32Array,
  rows: number,
  columns: number,
  bits: 4 | 8,
  { values, scales }: Blocks,
): Sums => {
  const sums: Sums = [0, 0];
  let block = 0;
  for (let row = 0; row < rows; row++)
    for (let start = 0; start < columns; start += blockSize) {
      const [from, to] = [row * columns + start, row * columns + min(start + blockSize, columns)];
      let extreme = 0;
      for (let at = from; at < to; at++) if (abs(weight[at]!) > abs(extreme)) extreme = weight[at]!;
      const levels = bits === 8 ? 127 * Math.sign(extreme) : -8;
      const scale = extreme === 0 ? 0 : fround(extreme / levels);
      const inverse = extreme === 0 ? 0 : fround(levels / extreme);
      scales[block++] = scale;
      for (let at = from; at < to; at++) {
        const value = weight[at]!;
        const level = bits === 8 ? nearest(value, inverse) : min(nearest(value, inverse), 7);
        if (bits === 8) values[at] = level;
        else values[at >> 1]! |= (level & 15) << ((at & 1) * 4);
        addError(sums, value, level * scale);
      }
    }
  return sums;
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

/** Of rounded weights against what they were. */
export const squaredError = (weights: Float32Array, rounded: Float32Array): SquaredError => {
  let [difference, weight] = [0, 0];
  for (let index = 0; index < weights.length; index++) {
    difference += (weights[index]! - rounded[index]!) ** 2;
    weight += weights[index]! ** 2;
  }
  return { difference, weight };
};
