import type { Filter } from './filters.ts';

/** Weights are whole numbers of 2^-22: what 8 bits times them adds up to, and a sign, fits into 32 bits. */
export const weightBits = 22;

/** How the pixels of one line, in a stretch of it, come from those of a longer or shorter line. */
export interface LineWeights {
  /** Weights of each pixel, `stride` places apart. */
  readonly weights: Int32Array;
  readonly stride: number;
  /** The first pixel that each is made of, and how many. */
  readonly first: Int32Array;
  readonly count: Int32Array;
}

/**
 * As Pillow 12 computes them: the kernel is stretched where the line becomes shorter, the weights are normalised in double precision and
 * then rounded, halves away from zero.
 * @param from pixels of the given line
 * @param to pixels of the whole new line, of which those from `start` to `start + length - 1` are wanted
 */
export const lineWeights = (
  from: number,
  to: number,
  { support, weight }: Filter,
  start: number,
  length: number,
): LineWeights => {
  const scale = from / to;
  const stretch = Math.max(scale, 1);
  const reach = support * stretch;
  const stride = Math.ceil(reach) * 2 + 1;
  const weights = new Int32Array(length * stride);
  const first = new Int32Array(length);
  const count = new Int32Array(length);
  const line = new Float64Array(stride);
  for (let at = 0; at < length; at++) {
    const centre = (start + at + 0.5) * scale;
    const low = Math.max(0, Math.trunc(centre - reach + 0.5));
    const high = Math.min(from, Math.trunc(centre + reach + 0.5));
    let sum = 0;
    for (let x = low; x < high; x++) {
      const value = weight((x - centre + 0.5) * (1 / stretch));
      line[x - low] = value;
      sum += value;
    }
    for (let x = 0; x < high - low; x++) {
      const share = (sum === 0 ? line[x]! : line[x]! / sum) * 2 ** weightBits;
      weights[at * stride + x] = Math.trunc(share + (share < 0 ? -0.5 : 0.5));
    }
    first[at] = low;
    count[at] = high - low;
  }
  return { weights, stride, first, count };
};
