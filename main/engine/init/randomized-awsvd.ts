import { outerSplits } from '../adapters/description/outer-splits.ts';
import { leadingTriplets, type LeadingTriplets } from '../linear-algebra/leading-triplets.ts';
import { transpose, type Matrix } from '../linear-algebra/matrix.ts';
import { nativeAddon } from '../linear-algebra/native.ts';
import { powerOfTwoBelow } from '../linear-algebra/power-of-two.ts';
import { createRandom } from '../random.ts';
import { awsvd, type AwsvdFactors, type AwsvdInput } from './awsvd.ts';

/**
 * The factors of `awsvd` by a randomised method (leading-triplets.ts): B A is within 1 % of the best error rather than to
 * rounding, in a tenth of the time. Exact where that is as fast (a rank that is a large part of the smaller side: the whole
 * space is decomposed) and where the result could not be verified (dependent columns, a spectrum beyond fp32).
 *
 * The addon computes in fp32 on a thread of libuv's pool, so several calls run at once; the twin in fp64 on this one. The
 * random sketch depends on the size alone: the same input gives the same factors, whatever runs beside it.
 *
 * @throws as `awsvd`
 */
export const randomizedAwsvd = async (input: AwsvdInput): Promise<AwsvdFactors> => {
  const { outFeatures, inFeatures, rank } = input;
  if (!Number.isInteger(rank) || rank < 1 || rank > Math.min(outFeatures, inFeatures)) return awsvd(input);
  return (await (nativeAddon() ? native(input) : twin(input))) ?? awsvd(input);
};

/** Columns of the sketch: the rank and a margin, which decides how fast the last kept directions converge. */
const sketchColumns = (rank: number): number => rank + Math.max(16, Math.ceil(rank / 8));

let lastSketch: Matrix | undefined;

/** Standard normal (size x l); null where more than half of the space would be sketched, which gains nothing. */
const sketchFor = (size: number, rank: number): Matrix | null => {
  const columns = sketchColumns(rank);
  if (2 * columns > size) return null;
  if (lastSketch?.rows === size && lastSketch.columns === columns) return lastSketch;
  const random = createRandom(0x4177_5356, columns);
  const data = Float32Array.from({ length: size * columns }, () => random.normal());
  return (lastSketch = { rows: size, columns, data });
};

const native = async (input: AwsvdInput): Promise<AwsvdFactors | null> => {
  const { weight, outFeatures, inFeatures, scale, rank, split } = input;
  const a = new Float32Array(rank * inFeatures);
  const b = new Float32Array(outFeatures * rank);
  const singularValues = new Float64Array(rank);
  const sketch = sketchFor(Math.min(outFeatures, inFeatures), rank)?.data ?? new Float32Array();
  const exponents = outerSplits[split];
  const relativeError = await nativeAddon()!.randomizedAwsvd(
    weight,
    scale,
    sketch,
    rank,
    exponents.b,
    exponents.a,
    a,
    b,
    singularValues,
  );
  return relativeError === null ? null : { a, b, singularValues, relativeError };
};

/** As the addon does it, in fp64. */
const twin = (input: AwsvdInput): AwsvdFactors | null => {
  const { weight, outFeatures, inFeatures, scale, rank } = input;
  const weighted = Float64Array.from(weight, (entry, at) => entry * scale[at % inFeatures]!);
  const unit = powerOfTwoBelow(weighted);
  if (!(unit > 0) || !weighted.every(Number.isFinite)) return null;
  for (let at = 0; at < weighted.length; at++) weighted[at]! /= unit;
  const matrix = { rows: outFeatures, columns: inFeatures, data: weighted };
  const isWide = outFeatures < inFeatures;
  const tall = isWide ? transpose(matrix) : matrix;
  const sketch = sketchFor(tall.columns, rank);
  const doubles = sketch && { ...sketch, data: Float64Array.from(sketch.data) };
  const triplets = leadingTriplets(tall, doubles, rank);
  if (triplets === null) return null;
  const energy = weighted.reduce((sum, entry) => sum + entry * entry, 0);
  return factorsOf(input, triplets, isWide, unit, energy);
};

const factorsOf = (
  { outFeatures, inFeatures, scale, rank, split }: AwsvdInput,
  { basis, t, sigma }: LeadingTriplets,
  isWide: boolean,
  unit: number,
  energy: number,
): AwsvdFactors => {
  const exponents = outerSplits[split];
  const a = new Float32Array(rank * inFeatures);
  const b = new Float32Array(outFeatures * rank);
  const singularValues = sigma.map((value) => value * unit);
  const [left, right] = isWide ? [basis.data, t.data] : [t.data, basis.data];
  let dropped = energy;
  let off = 0;
  for (let k = 0; k < rank; k++) {
    const value = singularValues[k]!;
    const [onB, onA] = [value ** exponents.b, value ** exponents.a];
    dropped -= sigma[k]! ** 2;
    off += ((value - onB * onA) / unit) ** 2;
    // t has length sigma where a singular vector has length 1.
    const [ofLeft, ofRight] = isWide ? [1, 1 / sigma[k]!] : [1 / sigma[k]!, 1];
    const sign = signOfLargest(right, k, rank);
    for (let i = 0; i < outFeatures; i++) b[i * rank + k] = sign * left[i * rank + k]! * ofLeft * onB;
    for (let j = 0; j < inFeatures; j++)
      a[k * inFeatures + j] = (sign * right[j * rank + k]! * ofRight * onA) / scale[j]!;
  }
  return { a, b, singularValues, relativeError: Math.sqrt((Math.max(0, dropped) + off) / energy) };
};

/** The sign rule of `TruncatedSvd`, for column k. */
const signOfLargest = (data: Float64Array, k: number, columns: number): number => {
  let largest = 0;
  for (let at = k; at < data.length; at += columns)
    if (Math.abs(data[at]!) > Math.abs(largest)) largest = data[at]!;
  return largest < 0 ? -1 : 1;
};
