import { describe, expect, it } from 'vitest';
import { createGraphBuilder } from '../../../main/engine/graph/create-graph-builder.ts';
import type { Shape } from '../../../main/engine/graph/dimension.ts';
import type { Padding } from '../../../main/engine/graph/signatures.ts';
import { nativeTarget, portableTarget } from '../../../main/engine/lower/lower.ts';
import { createRandom } from '../../../main/engine/random.ts';
import { runLowered, type FloatTensor } from './run-lowered.ts';

const random = createRandom(19);
const draw = (...shape: number[]): FloatTensor => ({
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.uniform() - 0.5),
});

/** The entry at a place of a tensor; zero outside of it. */
const at = ({ shape, data }: FloatTensor, ...place: number[]): number => {
  if (place.some((index, axis) => index < 0 || index >= shape[axis]!)) return 0;
  return data[place.reduce((flat, index, axis) => flat * shape[axis]! + index, 0)]!;
};

const places = (shape: readonly number[]): number[][] =>
  shape.reduce<number[][]>(
    (list, extent) =>
      list.flatMap((place) => Array.from({ length: extent }, (_, index) => [...place, index])),
    [[]],
  );

interface Kernel {
  readonly stride: number;
  readonly padding: Padding;
  /** [top, left, bottom, right] */
  readonly sides: readonly [number, number, number, number];
}

/** Term by term. */
const convolved = (x: FloatTensor, w: FloatTensor, { stride, sides }: Kernel): FloatTensor => {
  const [top, left, bottom, right] = sides;
  const [images, channels, height, width] = x.shape as [number, number, number, number];
  const [kernels, , rows, columns] = w.shape as [number, number, number, number];
  const shape = [
    images,
    kernels,
    Math.floor((height + top + bottom - rows) / stride) + 1,
    Math.floor((width + left + right - columns) / stride) + 1,
  ];
  const terms = places([channels, rows, columns]);
  const data = places(shape).map(([image, kernel, row, column]) =>
    terms.reduce((sum, [channel, down, across]) => {
      const pixel = at(
        x,
        ...[image!, channel!, row! * stride + down! - top, column! * stride + across! - left],
      );
      return sum + pixel * at(w, kernel!, channel!, down!, across!);
    }, 0),
  );
  return { shape, data: Float32Array.from(data) };
};

/** As Stable Diffusion has them, and what no model has. */
const kernels: readonly (Kernel & { readonly size: readonly [number, number] })[] = [
  { size: [3, 3], stride: 1, padding: 1, sides: [1, 1, 1, 1] },
  { size: [1, 1], stride: 1, padding: 0, sides: [0, 0, 0, 0] },
  { size: [3, 3], stride: 2, padding: 1, sides: [1, 1, 1, 1] },
  { size: [3, 3], stride: 2, padding: [0, 0, 1, 1], sides: [0, 0, 1, 1] },
  { size: [2, 5], stride: 3, padding: [0, 3, 1, 2], sides: [0, 3, 1, 2] },
];

const largestDifference = (a: FloatTensor, b: FloatTensor): number => {
  expect(a.shape).toEqual(b.shape);
  return Math.max(...a.data.map((value, index) => Math.abs(value - b.data[index]!)));
};

for (const [device, target] of [
  ['the CPU', nativeTarget],
  ['devices', portableTarget],
] as const)
  describe(`images, lowered for ${device}`, () => {
    it.each(kernels)('are convolved: %o', async ({ size, ...kernel }) => {
      const [x, w] = [draw(2, 3, 6, 4), draw(5, 3, ...size)];
      const g = createGraphBuilder();
      const y = g.convolution(g.input('x', 'float32', x.shape), g.input('w', 'float32', w.shape), kernel);
      const expected = convolved(x, w, kernel);
      expect(y.shape).toEqual(expected.shape);
      const got = await runLowered(g.build({ y }), target, { x, w });
      expect(largestDifference(got['y']!, expected)).toBeLessThan(1e-5);
    });

    it('have sizes in names, read off an axis that is a multiple of one', async () => {
      const [x, w] = [draw(2, 3, 16, 8), draw(6, 3, 3, 3)];
      const g = createGraphBuilder();
      const latents = g.input('x', 'float32', ['images', 3, '8*rows', '8*columns']);
      const kernel = { stride: 2, padding: 1 };
      const half = g.convolution(latents, g.input('w', 'float32', w.shape), kernel);
      const again = g.upsample(half);
      const flat: Shape = ['images', 6, '16*columns*rows'];
      const graph = g.build({ half, again, flat: g.reshape(half, flat) });
      expect([half.shape, again.shape]).toEqual([
        ['images', 6, '4*rows', '4*columns'],
        ['images', 6, '8*rows', '8*columns'],
      ]);
      const got = await runLowered(graph, target, { x, w });
      const expected = convolved(x, w, { ...kernel, sides: [1, 1, 1, 1] });
      expect(largestDifference(got['half']!, expected)).toBeLessThan(1e-5);
      expect(got['flat']!.shape).toEqual([2, 6, 32]);
      const larger = places([2, 6, 16, 8]).map(([image, channel, row, column]) =>
        at(expected, image!, channel!, row! >> 1, column! >> 1),
      );
      expect(
        largestDifference(got['again']!, { shape: [2, 6, 16, 8], data: Float32Array.from(larger) }),
      ).toBeLessThan(1e-5);
    });

    it('are normalised group by group', async () => {
      const [x, weight, bias] = [draw(2, 6, 3, 2), draw(6), draw(6)];
      const g = createGraphBuilder();
      const outputs = g.apply(
        'groupNorm',
        {
          x: g.input('x', 'float32', ['images', 6, 'rows', 'columns']),
          weight: g.input('weight', 'float32', [6]),
          bias: g.input('bias', 'float32', [6]),
        },
        { groups: 2, epsilon: 1e-5 },
      );
      const got = await runLowered(g.build(outputs), target, { x, weight, bias });
      const statistics = [0, 1, 2, 3].map((group) => {
        const all = [...x.data.subarray(group * 18, (group + 1) * 18)];
        const mean = all.reduce((a, b) => a + b) / 18;
        const variance = all.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 18;
        return { mean, inverse: 1 / Math.sqrt(variance + 1e-5) };
      });
      const y = places(x.shape).map((place) => {
        const { mean, inverse } = statistics[place[0]! * 2 + Math.floor(place[1]! / 3)]!;
        return (at(x, ...place) - mean) * inverse * weight.data[place[1]!]! + bias.data[place[1]!]!;
      });
      const perGroup = (key: 'mean' | 'inverse'): FloatTensor => ({
        shape: [2, 2, 1],
        data: Float32Array.from(statistics, (of) => of[key]),
      });
      const expected = { y: { shape: x.shape, data: Float32Array.from(y) } };
      expect(largestDifference(got['y']!, expected.y)).toBeLessThan(1e-5);
      expect(largestDifference(got['mean']!, perGroup('mean'))).toBeLessThan(1e-5);
      expect(largestDifference(got['inverse']!, perGroup('inverse'))).toBeLessThan(1e-5);
    });
  });

describe('operators of images', () => {
  const g = createGraphBuilder();
  const x = g.input('x', 'float32', ['images', 4, 'rows', '6*columns']);
  const w = (...shape: number[]) => g.input(`w${shape.join('x')}`, 'float32', shape);

  it('refuse a size that cannot be said: half of an extent that may be odd', () => {
    expect(() => g.convolution(x, w(2, 4, 3, 3), { stride: 2, padding: 1 })).toThrow(
      'convolution: a kernel of 3 by steps of 2 is not to be put along rows (+ 2)',
    );
    expect(() => g.convolution(x, w(2, 4, 5, 1), { stride: 1, padding: 0 })).toThrow('along rows (+ 0)');
  });

  it('refuse a kernel larger than its image, other channels, what is no image', () => {
    const small = g.input('small', 'float32', [1, 4, 2, 2]);
    expect(() => g.convolution(small, w(2, 4, 4, 4), { stride: 1, padding: 0 })).toThrow('along 2 (+ 0)');
    expect(() => g.convolution(x, w(2, 3, 1, 1), { stride: 1, padding: 0 })).toThrow(
      'do not belong together',
    );
    expect(() => g.upsample(w(3))).toThrow('needs four axes');
  });

  it('refuse a gradient that is not of the shape of the result', () => {
    const d = g.input('d', 'float32', [1, 2, 4, 4]);
    const size = [4, 4];
    expect(() => g.convolutionByInput(d, w(2, 4, 3, 3), { stride: 2, padding: 1, size })).toThrow(
      'float32[1, 2, 4, 4] is not the result of a convolution: [1, 2, 2, 2]',
    );
    expect(() => g.convolutionByWeight(x, d, { stride: 1, padding: 0, size: [1, 1] })).toThrow(
      'is not the result of a convolution: [images, 2, rows, 6*columns]',
    );
  });

  it('refuse channels that are not so many groups', () => {
    const [weight, bias] = [g.input('weight', 'float32', [4]), g.input('bias', 'float32', [4])];
    expect(() => g.groupNorm(x, weight, bias, { groups: 3, epsilon: 1e-5 })).toThrow(
      '4 channels are not 3 groups of as many',
    );
  });
});
