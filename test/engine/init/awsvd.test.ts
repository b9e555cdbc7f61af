import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { outerSplits, type OuterSplitName } from '../../../main/engine/adapters/description/outer-splits.ts';
import { activationScale, awsvd } from '../../../main/engine/init/awsvd.ts';
import type { Matrix } from '../../../main/engine/linear-algebra/matrix.ts';
import { multiply } from '../../../main/engine/linear-algebra/matrix.ts';
import { matrixOf, relativeDistance } from '../linear-algebra/svd-support.ts';

type Layer = { outFeatures: number; inFeatures: number; rank: number };
type Case = Layer & {
  exponent: number;
  weight: number[];
  meanAbs: number[];
  scale: number[];
  singularValues: number[];
  splits: Record<OuterSplitName, { product: number[]; relativeError: number }>;
};
type Golden = Layer & { name: string; weight: string; scale: string; a: string; b: string };

const fixture = new URL('fixtures/awsvd-reference.json', import.meta.url);
const reference = JSON.parse(readFileSync(fixture, 'utf8')) as { cases: Case[]; goldens: Golden[] };
const splitNames = Object.keys(outerSplits) as OuterSplitName[];

const floatsOf = (base64: string): Float32Array =>
  new Float32Array(Uint8Array.from(Buffer.from(base64, 'base64')).buffer);

const productOf = (
  { outFeatures, inFeatures, rank }: Layer,
  { a, b }: { a: Float32Array; b: Float32Array },
): Matrix<Float64Array> => multiply(matrixOf(outFeatures, rank, b), matrixOf(rank, inFeatures, a));

describe('awsvd against NumPy', () => {
  for (const { exponent, weight, meanAbs, scale, singularValues, splits, ...layer } of reference.cases) {
    const title = `${layer.outFeatures} x ${layer.inFeatures}, rank ${layer.rank}, exponent ${exponent}`;

    it(`scale, ${title}`, () => {
      const actual = activationScale(Float64Array.from(meanAbs), exponent);
      actual.forEach((value, i) => expect(Math.abs(value / scale[i]! - 1)).toBeLessThan(1e-14));
    });

    it.each(splitNames)(`split %s, ${title}`, (split) => {
      const input = { ...layer, weight: Float32Array.from(weight), scale: Float64Array.from(scale), split };
      const factors = awsvd(input);
      singularValues.forEach((expected, k) =>
        expect(Math.abs(factors.singularValues[k]! / expected - 1)).toBeLessThan(1e-10),
      );
      const expected = matrixOf(layer.outFeatures, layer.inFeatures, splits[split].product);
      expect(relativeDistance(productOf(layer, factors), expected)).toBeLessThan(1e-6);
      expect(Math.abs(factors.relativeError - splits[split].relativeError)).toBeLessThan(3e-8);
    });
  }
});

describe('awsvd against the reference runs (PyTorch)', () => {
  it.each(reference.goldens)('$name', ({ weight, scale, a, b, ...layer }) => {
    const factors = awsvd({
      ...layer,
      weight: floatsOf(weight),
      scale: Float64Array.from(floatsOf(scale)),
      split: 'b',
    });
    const [expectedA, expectedB] = [floatsOf(a), floatsOf(b)];
    const product = productOf(layer, factors);
    expect(relativeDistance(product, productOf(layer, { a: expectedA, b: expectedB }))).toBeLessThan(1e-6);
    // Up to the sign of each pair, which is free, the factors themselves agree.
    const { rank, outFeatures } = layer;
    for (let k = 0; k < rank; k++) {
      const column = (data: Float32Array): Float64Array =>
        Float64Array.from({ length: outFeatures }, (_, i) => data[i * rank + k]!);
      const [actual, expected] = [column(factors.b), column(expectedB)];
      const sign = Math.sign(actual.reduce((sum, entry, i) => sum + entry * expected[i]!, 0));
      const difference = actual.map((entry, i) => entry - sign * expected[i]!);
      expect(Math.hypot(...difference) / Math.hypot(...expected)).toBeLessThan(1e-5);
    }
  });
});

describe('awsvd', () => {
  const layer = { outFeatures: 3, inFeatures: 2, rank: 2 };
  const weight = Float32Array.of(1, 2, 3, 4, 5, 6);

  it('clamps before it takes the power', () => {
    expect([...activationScale(Float64Array.of(0, 4, 1e-9), 0.5)]).toEqual([1e-3, 2, 1e-3]);
    expect([...activationScale(Float64Array.of(0, 4), 1, 0.25)]).toEqual([0.25, 4]);
  });

  it.each(['b', 'a', 'square-root'] as const)('recovers the weight at full rank: %s', (split) => {
    const factors = awsvd({ ...layer, weight, scale: Float64Array.of(0.01, 30), split });
    const [product, expected] = [productOf(layer, factors), matrixOf(3, 2, weight)];
    expect(relativeDistance(product, expected)).toBeLessThan(1e-6);
    expect(factors.relativeError).toBeLessThan(3e-8);
  });

  it('takes a zero weight', () => {
    const factors = awsvd({
      ...layer,
      weight: new Float32Array(6),
      scale: Float64Array.of(1, 1),
      split: 'b',
    });
    expect([...factors.b, factors.relativeError].every((value) => value === 0)).toBe(true);
  });

  it('names the weight whose rank is too small', () => {
    const input = {
      ...layer,
      rank: 3,
      weight,
      scale: Float64Array.of(1, 1),
      split: 'b',
      name: 'model.layers.0.k_proj',
    } as const;
    expect(() => awsvd(input)).toThrow(
      'model.layers.0.k_proj: rank 3 is more than 2, the smaller side of this 3 x 2 matrix',
    );
  });

  it('names the entry that is not finite', () => {
    const broken = Float32Array.of(1, 2, 3, NaN, 5, 6);
    const input = {
      ...layer,
      weight: broken,
      scale: Float64Array.of(1, 1),
      split: 'b',
      name: 'k_proj',
    } as const;
    expect(() => awsvd(input)).toThrow('k_proj: the entry at row 1, column 1 is NaN');
  });
});
