/**
 * Conversion between float32 and the 16-bit formats, on bit patterns, rounding to nearest with ties to even. Signs, infinities,
 * subnormals and the kept bits of a NaN's payload survive. Arrays of 16-bit patterns are Uint16Array.
 */

export const bfloat16ToFloat32 = (
  source: Uint16Array,
  target: Float32Array = new Float32Array(source.length),
): Float32Array => {
  const bits = bitsOf(target);
  for (let index = 0; index < source.length; index++) bits[index] = source[index]! << 16;
  return target;
};

export const float32ToBfloat16 = (
  source: Float32Array,
  target: Uint16Array = new Uint16Array(source.length),
): Uint16Array => {
  const bits = bitsOf(source);
  for (let index = 0; index < bits.length; index++) {
    const word = bits[index]!;
    if ((word & 0x7fffffff) > 0x7f800000) {
      // Truncating a NaN whose payload lies in the low bits alone would make it an infinity.
      const truncated = word >>> 16;
      target[index] = (truncated & 0x7f) === 0 ? truncated | 0x40 : truncated;
      continue;
    }
    target[index] = (word + 0x7fff + ((word >>> 16) & 1)) >>> 16;
  }
  return target;
};

export const float16ToFloat32 = (
  source: Uint16Array,
  target: Float32Array = new Float32Array(source.length),
): Float32Array => {
  const bits = bitsOf(target);
  const table = (float16Table ??= buildFloat16Table());
  for (let index = 0; index < source.length; index++) bits[index] = table[source[index]!]!;
  return target;
};

export const float32ToFloat16 = (
  source: Float32Array,
  target: Uint16Array = new Uint16Array(source.length),
): Uint16Array => {
  const bits = bitsOf(source);
  for (let index = 0; index < bits.length; index++) {
    const word = bits[index]!;
    const sign = (word >>> 16) & 0x8000;
    const magnitude = word & 0x7fffffff;
    target[index] = sign | float16Magnitude(magnitude, source, index);
  }
  return target;
};

const float16Magnitude = (magnitude: number, source: Float32Array, index: number): number => {
  if (magnitude > 0x7f800000) return 0x7c00 | ((magnitude >>> 13) & 0x3ff || 0x200); // NaN
  if (magnitude >= 0x47800000) return 0x7c00; // 65536 and up; 65520 up to there is carried into infinity below
  // 2^-14 and up are normal: move the exponent's bias from 127 to 15 and round 23 bits of mantissa to 10.
  if (magnitude >= 0x38800000) return (magnitude - (112 << 23) + 0xfff + ((magnitude >>> 13) & 1)) >>> 13;
  // Subnormal: a whole number of 2^-24. Adding 2^52 in float64 rounds to whole numbers, ties to even.
  return Math.abs(source[index]!) * 2 ** 24 + 2 ** 52 - 2 ** 52;
};

let float16Table: Uint32Array | undefined;

/** The float32 bit pattern of each of the 65536 float16 patterns. */
const buildFloat16Table = (): Uint32Array => {
  const table = new Uint32Array(65536);
  const scratch = new Float32Array(1);
  const scratchBits = bitsOf(scratch);
  for (let pattern = 0; pattern < 65536; pattern++) {
    const sign = (pattern & 0x8000) << 16;
    const exponent = (pattern >>> 10) & 0x1f;
    const mantissa = pattern & 0x3ff;
    if (exponent === 0) {
      scratch[0] = mantissa * 2 ** -24;
      table[pattern] = sign | scratchBits[0]!;
    } else {
      const wideExponent = exponent === 0x1f ? 0xff : exponent + 112;
      table[pattern] = sign | (wideExponent << 23) | (mantissa << 13);
    }
  }
  return table;
};

const bitsOf = (array: Float32Array): Uint32Array =>
  new Uint32Array(array.buffer, array.byteOffset, array.length);
