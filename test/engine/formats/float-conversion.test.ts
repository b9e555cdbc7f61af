import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  bfloat16ToFloat32,
  float16ToFloat32,
  float32ToBfloat16,
  float32ToFloat16,
} from '../../../main/engine/formats/float-conversion.ts';

const allPatterns = Uint16Array.from({ length: 65536 }, (_, pattern) => pattern);

const floatsOf = (bits: readonly number[]): Float32Array => new Float32Array(Uint32Array.from(bits).buffer);
const bitsOf = (values: Float32Array): number[] => [...new Uint32Array(values.buffer)];

describe('against PyTorch', () => {
  const reference = JSON.parse(readFileSync(new URL('fixtures/rounding.json', import.meta.url), 'utf8')) as {
    float32: number[];
    bfloat16: number[];
    float16: number[];
  };

  test('rounds to bfloat16', () => {
    expect([...float32ToBfloat16(floatsOf(reference.float32))]).toEqual(reference.bfloat16);
  });

  test('rounds to float16', () => {
    expect([...float32ToFloat16(floatsOf(reference.float32))]).toEqual(reference.float16);
  });
});

describe('tables of bit patterns', () => {
  test.each([
    ['zero', 0x0000, 0x00000000],
    ['minus zero', 0x8000, 0x80000000],
    ['smallest subnormal, 2^-24', 0x0001, 0x33800000],
    ['largest subnormal', 0x03ff, 0x387fc000],
    ['smallest normal, 2^-14', 0x0400, 0x38800000],
    ['one', 0x3c00, 0x3f800000],
    ['minus two', 0xc000, 0xc0000000],
    ['largest, 65504', 0x7bff, 0x477fe000],
    ['infinity', 0x7c00, 0x7f800000],
    ['minus infinity', 0xfc00, 0xff800000],
    ['quiet NaN', 0x7e00, 0x7fc00000],
  ])('float16 %s', (_, half, single) => {
    expect(bitsOf(float16ToFloat32(Uint16Array.of(half)))).toEqual([single]);
    expect([...float32ToFloat16(floatsOf([single]))]).toEqual([half]);
  });

  test.each([
    ['one', 0x3f80, 0x3f800000],
    ['largest', 0x7f7f, 0x7f7f0000],
    ['smallest subnormal', 0x0001, 0x00010000],
    ['minus infinity', 0xff80, 0xff800000],
    ['quiet NaN', 0x7fc0, 0x7fc00000],
  ])('bfloat16 %s', (_, half, single) => {
    expect(bitsOf(bfloat16ToFloat32(Uint16Array.of(half)))).toEqual([single]);
    expect([...float32ToBfloat16(floatsOf([single]))]).toEqual([half]);
  });

  test('a NaN with its payload in the low bits stays a NaN', () => {
    expect([...float32ToBfloat16(floatsOf([0x7f800001, 0xff800001]))]).toEqual([0x7fc0, 0xffc0]);
    expect([...float32ToFloat16(floatsOf([0x7f800001, 0xff800001]))]).toEqual([0x7e00, 0xfe00]);
  });

  test('float32 subnormals and values below half the smallest float16 round to zero of their sign', () => {
    expect([...float32ToFloat16(floatsOf([0x00000001, 0x80000001, 0x33000000, 0xb3000000]))]).toEqual([
      0, 0x8000, 0, 0x8000,
    ]);
  });
});

test('all 65536 float16 and bfloat16 patterns come back', () => {
  expect(float32ToFloat16(float16ToFloat32(allPatterns))).toEqual(allPatterns);
  expect(float32ToBfloat16(bfloat16ToFloat32(allPatterns))).toEqual(allPatterns);
});

test('between any two neighbours of float16, halfway goes to the even one and just beside it to the nearer', () => {
  const values = float16ToFloat32(allPatterns);
  for (let pattern = 0; pattern < 0x7bff; pattern++) {
    const halfway = Math.fround((values[pattern]! + values[pattern + 1]!) / 2);
    const [bits] = bitsOf(Float32Array.of(halfway));
    const even = pattern % 2 === 0 ? pattern : pattern + 1;
    const rounded = float32ToFloat16(floatsOf([bits! - 1, bits!, bits! + 1]));
    if (rounded[0] !== pattern || rounded[1] !== even || rounded[2] !== pattern + 1)
      expect.fail(`pattern ${pattern}`);
  }
});

test('fills a given target that is part of a larger array', () => {
  const target = new Float32Array(4);
  bfloat16ToFloat32(Uint16Array.of(0x3f80, 0x4000), target.subarray(1));
  expect([...target]).toEqual([0, 1, 2, 0]);
  expect([...float32ToFloat16(target.subarray(1, 3))]).toEqual([0x3c00, 0x4000]);
});
