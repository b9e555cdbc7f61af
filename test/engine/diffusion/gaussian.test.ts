import { describe, expect, test } from 'vitest';
import { gaussianNoise, withNoiseOffset } from '../../../main/engine/diffusion/gaussian.ts';
import { philox, type Words } from '../../../main/engine/diffusion/philox.ts';

/** Known answers that come with Random123, the authors' library. */
test.each<{ counter: Words; key: [number, number]; words: Words }>([
  { counter: [0, 0, 0, 0], key: [0, 0], words: [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8] },
  {
    counter: [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    key: [0xffffffff, 0xffffffff],
    words: [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  },
  {
    counter: [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    key: [0xa4093822, 0x299f31d0],
    words: [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  },
])('Philox of $counter', ({ counter, key, words }) => {
  expect(philox(counter, key)).toStrictEqual(words);
});

describe('Gaussian noise', () => {
  const noise = gaussianNoise(100_000, { seed: 42, stream: 0 });
  const mean = (values: Float32Array, power: number): number =>
    values.reduce((sum, value) => sum + value ** power, 0) / values.length;

  test('has the moments of a standard normal distribution', () => {
    expect(Math.abs(mean(noise, 1))).toBeLessThan(0.01);
    expect(mean(noise, 2)).toBeCloseTo(1, 1.7);
    expect(Math.abs(mean(noise, 3))).toBeLessThan(0.03);
    expect(mean(noise, 4)).toBeCloseTo(3, 1);
  });

  test('is the same whatever length is drawn', () => {
    expect(gaussianNoise(7, { seed: 42, stream: 0 })).toStrictEqual(noise.slice(0, 7));
  });

  test.each([
    { seed: 43, stream: 0 },
    { seed: 42, stream: 1 },
    { seed: -42, stream: 0 },
    { seed: 42 + 2 ** 32, stream: 0 },
    { seed: 42, stream: 2 ** 32 },
  ])('of %j has nothing to do with it', (source) => {
    const other = gaussianNoise(noise.length, source);
    const correlation = mean(
      noise.map((value, at) => value * other[at]!),
      1,
    );
    expect(Math.abs(correlation)).toBeLessThan(0.015);
  });

  test('takes whole seeds only', () => {
    expect(() => gaussianNoise(4, { seed: 0.5, stream: 0 })).toThrow('a seed is a whole number');
  });
});

test('an offset is shared by a channel of an image', () => {
  const shifted = withNoiseOffset(new Float32Array(8), Float32Array.of(1, -1, 2, 0), 0.5);
  expect([...shifted]).toStrictEqual([0.5, 0.5, -0.5, -0.5, 1, 1, 0, 0]);
});
