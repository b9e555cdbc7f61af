import { afterEach, describe, expect, it, vi } from 'vitest';
import { concurrently } from '../../../main/engine/concurrently.ts';
import { awsvd, type AwsvdFactors, type AwsvdInput } from '../../../main/engine/init/awsvd.ts';
import { randomizedAwsvd } from '../../../main/engine/init/randomized-awsvd.ts';
import { blockedProduct, gramMatrix } from '../../../main/engine/linear-algebra/blocked-products.ts';
import { frobeniusNorm, multiply, transpose } from '../../../main/engine/linear-algebra/matrix.ts';
import { nativeAddon } from '../../../main/engine/linear-algebra/native.ts';
import { orthonormalize } from '../../../main/engine/linear-algebra/orthonormalize.ts';
import { createRandom } from '../../../main/engine/random.ts';
import { describeWith } from '../../support/requirements.ts';
import { matrixOf, randomMatrix, relativeDistance } from '../linear-algebra/svd-support.ts';

afterEach(() => vi.unstubAllEnvs());

const [rows, columns, rank] = [200, 120, 24];

/** U diag(sigma) V^T with random orthonormal U and V. */
const withSpectrum = (sigma: (k: number) => number, m = rows, n = columns): Float32Array => {
  const size = Math.min(m, n);
  const random = createRandom(5);
  const basis = (length: number) =>
    orthonormalize(
      matrixOf(
        length,
        size,
        Array.from({ length: length * size }, () => random.normal()),
      ),
    )!;
  const u = basis(m);
  const scaled = { ...u, data: u.data.map((entry, at) => entry * sigma(at % size)) };
  return Float32Array.from(multiply(scaled, transpose(basis(n))).data);
};

const inputOf = (
  weight: Float32Array,
  scale = (_: number): number => 1,
  [outFeatures, inFeatures] = [rows, columns],
): AwsvdInput => ({
  ...{ weight, outFeatures, inFeatures, rank, split: 'b' },
  scale: Float64Array.from({ length: inFeatures }, (_, i) => scale(i)),
});

/** ||(W - B A) S||_F, from the factors as they are. */
const errorOf = (
  { weight, scale, outFeatures, inFeatures, rank }: AwsvdInput,
  { a, b }: AwsvdFactors,
): number => {
  const product = multiply(matrixOf(outFeatures, rank, b), matrixOf(rank, inFeatures, a));
  return frobeniusNorm({
    ...product,
    data: product.data.map((entry, at) => (weight[at]! - entry) * scale[at % inFeatures]!),
  });
};

const spectra: Record<string, AwsvdInput> = {
  'slow decay': inputOf(withSpectrum((k) => (k + 1) ** -0.3)),
  'fast decay': inputOf(withSpectrum((k) => (k + 1) ** -1.2)),
  exponential: inputOf(withSpectrum((k) => 0.93 ** k)),
  flat: inputOf(withSpectrum(() => 1)),
  'a step at the rank': inputOf(withSpectrum((k) => (k < rank ? 1 : 0.9))),
  'a cluster across the rank': inputOf(withSpectrum((k) => (k < 10 ? 5 : k < 60 ? 1 : 0.1))),
  'a few very large': inputOf(withSpectrum((k) => (k < 3 ? 300 : 1 / (1 + k / 20)))),
  'outliers beyond fp32': inputOf(withSpectrum((k) => (k < 3 ? 1e5 : 1 / (1 + k / 20)))),
  'dependent columns': inputOf(withSpectrum((k) => (k < 15 ? 1 : 0))),
  'dependent columns, more than the rank': inputOf(withSpectrum((k) => (k < 40 ? 1 + k / 40 : 0))),
  'outlier inputs': inputOf(
    withSpectrum((k) => (k + 1) ** -0.3),
    (i) => (i % 41 === 3 ? 50 : 0.5 + (i % 7) / 7),
  ),
  'dead inputs': inputOf(
    withSpectrum((k) => (k + 1) ** -0.3),
    (i) => (i % 3 === 0 ? 1e-6 : 1),
  ),
  noise: inputOf(Float32Array.from(randomMatrix(rows, columns, 3).data)),
  wide: inputOf(
    withSpectrum((k) => (k + 1) ** -0.5, columns, rows),
    (i) => 1 + (i % 5),
    [columns, rows],
  ),
  'a rank of half the side': { ...inputOf(withSpectrum((k) => (k + 1) ** -0.5)), rank: 60 },
  'the whole rank': { ...inputOf(withSpectrum((k) => (k + 1) ** -0.5)), rank: 120 },
  'tiny numbers': inputOf(withSpectrum((k) => 1e-25 * (k + 1) ** -0.5)),
};

const describeRandomized = (prepare: () => void): void => {
  describe.each(Object.entries(spectra))('%s', (_, input) => {
    it('is within 1 % of the least error, and says its own', async () => {
      prepare();
      const factors = await randomizedAwsvd(input);
      const error = errorOf(input, factors);
      const least = errorOf(input, awsvd(input));
      const norm = frobeniusNorm(
        matrixOf(
          input.outFeatures,
          input.inFeatures,
          input.weight.map((w, at) => w * input.scale[at % input.inFeatures]!),
        ),
      );
      expect(error).toBeLessThanOrEqual(1.01 * least + 2e-6 * norm);
      expect(Math.abs(factors.relativeError - error / norm)).toBeLessThan(2e-5);
    });

    it('has orthonormal singular vectors, the longest first', async () => {
      prepare();
      const { a, b, singularValues } = await randomizedAwsvd(input);
      const { outFeatures, inFeatures, rank, scale } = input;
      expect(singularValues).toEqual(singularValues.toSorted((x, y) => y - x));
      const vt = matrixOf(
        rank,
        inFeatures,
        a.map((entry, at) => entry * scale[at % inFeatures]!),
      );
      gramMatrix(transpose(vt)).data.forEach((entry, at) =>
        expect(Math.abs(entry - (at % (rank + 1) === 0 ? 1 : 0))).toBeLessThan(1e-4),
      );
      // Columns of B are orthogonal relative to the largest one's length.
      const largest = singularValues[0]! || 1;
      const scaled = matrixOf(
        outFeatures,
        rank,
        Float64Array.from(b, (entry) => entry / largest),
      );
      gramMatrix(scaled).data.forEach((entry, at) => {
        const expected = at % (rank + 1) === 0 ? (singularValues[at % rank]! / largest) ** 2 : 0;
        expect(Math.abs(entry - expected)).toBeLessThan(1e-5);
      });
    });
  });

  it('repeats itself to the bit, whatever runs beside it', async () => {
    prepare();
    const inputs = Object.values(spectra).slice(0, 6);
    const run = async (threads: number): Promise<AwsvdFactors[]> => {
      const results: AwsvdFactors[] = [];
      await concurrently(inputs, threads, async (input, index) => {
        results[index] = await randomizedAwsvd(input);
      });
      return results;
    };
    const alone = await run(1);
    expect(await run(4)).toEqual(alone);
  });

  it('refuses as the exact one does', async () => {
    prepare();
    const weight = withSpectrum((k) => 1 / (k + 1));
    weight[columns + 2] = NaN;
    await expect(randomizedAwsvd({ ...inputOf(weight), name: 'k_proj' })).rejects.toThrow(
      'k_proj: the entry at row 1, column 2 is NaN',
    );
    await expect(randomizedAwsvd({ ...spectra['noise']!, rank: 121 })).rejects.toThrow(
      'rank 121 is more than 120',
    );
  });

  it('takes a zero weight, and every split', async () => {
    prepare();
    expect((await randomizedAwsvd(inputOf(new Float32Array(rows * columns)))).relativeError).toBe(0);
    const input = spectra['slow decay']!;
    const products = await Promise.all(
      (['b', 'a', 'square-root'] as const).map(async (split) => {
        const { a, b } = await randomizedAwsvd({ ...input, split });
        return multiply(matrixOf(rows, rank, b), matrixOf(rank, columns, a));
      }),
    );
    for (const product of products) expect(relativeDistance(product, products[0]!)).toBeLessThan(1e-6);
  });
};

describe('randomizedAwsvd, the twin', () => describeRandomized(() => vi.stubEnv('NORA_NATIVE', '0')));

describeWith('native', 'randomizedAwsvd, native', () => {
  describeRandomized(() => undefined);

  it.each(['slow decay', 'fast decay', 'exponential', 'wide', 'noise', 'a rank of half the side'])(
    'gives what the twin gives, to fp32 rounding: %s',
    async (name) => {
      const input = spectra[name]!;
      const native = await randomizedAwsvd(input);
      vi.stubEnv('NORA_NATIVE', '0');
      const twin = await randomizedAwsvd(input);
      expect(Math.abs(native.relativeError / twin.relativeError - 1)).toBeLessThan(1e-4);
      native.singularValues.forEach((sigma, k) =>
        expect(Math.abs(sigma / twin.singularValues[k]! - 1)).toBeLessThan(1e-4),
      );
      const [ours, reference] = [native, twin].map(({ a, b }) =>
        multiply(matrixOf(input.outFeatures, input.rank, b), matrixOf(input.rank, input.inFeatures, a)),
      );
      expect(relativeDistance(ours!, reference!)).toBeLessThan(1e-3);
    },
  );

  it('refuses arrays that do not fit together', () => {
    const floats = new Float32Array(4);
    const doubles = new Float64Array(2);
    expect(() =>
      nativeAddon()!.randomizedAwsvd(floats, doubles, floats, 3, 1, 0, floats, floats, doubles),
    ).toThrow('do not fit together');
  });
});

describe('blocked products', () => {
  it.each([
    [7, 130, 5],
    [64, 64, 64],
    [1, 3, 2],
  ])('multiply as the plain one: %i x %i x %i', (m, k, n) => {
    const [left, right] = [randomMatrix(m, k, 1), randomMatrix(k, n, 2)];
    expect(relativeDistance(blockedProduct(left, right), multiply(left, right))).toBeLessThan(1e-14);
    expect(relativeDistance(gramMatrix(left), multiply(transpose(left), left))).toBeLessThan(1e-14);
  });
});
