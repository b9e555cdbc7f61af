import { describe, expect, it } from 'vitest';
import type { GraphBuilder, RandomRows } from '../../../main/engine/graph/builder.ts';
import type { Value } from '../../../main/engine/graph/graph.ts';
import type { OperatorName } from '../../../main/engine/graph/signatures.ts';
import { largestError, type Case } from './finite-differences.ts';

/**
 * Batches without rows, rows without labels: every operator with an axis of extent 0, alone and beside inputs that have numbers. Their
 * gradients are then zeros of the right shape, and nothing fails.
 */
type Build = (g: GraphBuilder, ...inputs: Value[]) => Value;

const of = (build: Build, ...shapes: readonly (readonly number[])[]): Case => ({
  shapes,
  build: (g, inputs) => build(g, ...inputs),
});
const one = (build: (g: GraphBuilder, x: Value) => Value): Case[] => [
  of((g, x) => build(g, x), [0]),
  of((g, x) => build(g, x), [2, 0, 3]),
];
/** Both empty, and one of them repeated along an axis that the other has nothing on. */
const two = (build: (g: GraphBuilder, a: Value, b: Value) => Value): Case[] =>
  [
    [
      [0, 3],
      [0, 3],
    ],
    [[0, 3], [3]],
    [
      [1, 3],
      [0, 1],
    ],
    [[], [2, 0]],
  ].map((shapes) => of((g, a, b) => build(g, a, b), ...(shapes as [number[], number[]])));

const integers = (g: GraphBuilder, shape: number[], data: number[] = []): Value =>
  g.constant(`indices:${shape.join('x')}`, shape, BigInt64Array.from(data, BigInt));
let constants = 0;
const floats = (g: GraphBuilder, shape: number[]): Value =>
  g.constant(`floats:${constants++}`, shape, new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(0.5));

/** What no row at all is drawn from. */
const noRows = (g: GraphBuilder): RandomRows => ({
  factors: g.constant('factors', [0, 1], new BigInt64Array()),
  shifts: g.constant('shifts', [0, 1], new BigInt64Array()),
});

/** Cases, or why there can be none. */
const cases: { readonly [O in OperatorName]: readonly Case[] | string } = {
  add: two((g, a, b) => g.add(a, b)),
  subtract: two((g, a, b) => g.subtract(a, b)),
  multiply: two((g, a, b) => g.multiply(a, b)),
  divide: two((g, a, b) => g.divide(a, b)),
  minimum: two((g, a, b) => g.minimum(a, b)),
  equal: two((g, a, b) => g.select(g.equal(a, b), a, b)),
  lessOrEqual: two((g, a, b) => g.select(g.lessOrEqual(a, b), a, b)),
  and: two((g, a, b) => g.select(g.and(g.lessOrEqual(a, b), g.lessOrEqual(b, a)), a, b)),
  select: two((g, a, b) => g.select(g.lessOrEqual(a, 0), b, a)),
  negate: one((g, x) => g.negate(x)),
  absolute: one((g, x) => g.absolute(x)),
  exponential: one((g, x) => g.exponential(x)),
  squareRoot: one((g, x) => g.squareRoot(x)),
  sigmoid: one((g, x) => g.sigmoid(x)),
  tanh: one((g, x) => g.tanh(x)),
  erf: one((g, x) => g.erf(x)),
  silu: one((g, x) => g.silu(x, 1)),
  gelu: [...one((g, x) => g.gelu(x, 'none')), ...one((g, x) => g.gelu(x, 'tanh'))],
  gated: one((g, x) => g.gated(x, g.multiply(x, 2), { kind: 'silu', alpha: 1 })),
  gatedGradient: 'has no gradient',
  activationGradient: 'has no gradient',
  sumOfProducts: [
    of(
      (g, x) =>
        g.sumOfProducts(
          [x, floats(g, [3, 2]), x, floats(g, [2, 3])],
          [
            [false, false],
            [false, true],
          ],
        ),
      [0, 3],
    ),
    of((g, x) => g.sumOfProducts([x, x], [[true, false]]), [0, 3]),
  ],
  addProducts: [
    of((g, x) => g.addProducts(floats(g, [3, 3]), [x, x], [[true, false]]), [0, 3]),
    of((g, x) => g.addProducts(floats(g, [2, 3]), [floats(g, [2, 0]), x], [[false, false]]), [0, 3]),
  ],
  cast: one((g, x) => g.cast(g.cast(x, 'float64'), 'float32')),
  detach: one((g, x) => g.multiply(x, g.detach(x))),
  sum: [
    of((g, x) => g.sum(x, [0]), [0, 3]),
    of((g, x) => g.sum(x, [1]), [0, 3]),
    of((g, x) => g.sum(x, [0, 1]), [0, 3]),
  ],
  // Of something in each row; a mean of nothing is no number.
  mean: [of((g, x) => g.mean(x, [-1]), [0, 3])],
  maximum: 'has no gradient',
  secondMoment: 'has no gradient',
  uniform: [of((g, x) => g.multiply(x, g.uniform(noRows(g), integers(g, [3], [1, 2, 3]))), [0, 3])],
  bernoulli: [of((g, x) => g.multiply(x, g.bernoulli(noRows(g), integers(g, [3], [1, 2, 3]), 0.6)), [0, 3])],
  reshape: [of((g, x) => g.reshape(x, [3, 0, 2]), [0, 6])],
  expand: [of((g, x) => g.expand(x, [4, 0, 3]), [3]), of((g, x) => g.expand(x, [0, 3]), [1, 3])],
  transpose: [of((g, x) => g.transpose(x, [2, 0, 1]), [2, 0, 4])],
  slice: [
    of((g, x) => g.slice(x, 1, 1, 3), [0, 4]),
    of((g, x) => g.slice(x, 1, 2, 2), [3, 4]),
    of((g, x) => g.slice(x, 1, 0, 0), [3, 4]),
  ],
  concatenate: [
    of((g, a, b) => g.concatenate([a, b], 1), [2, 0], [2, 3]),
    of((g, a, b) => g.concatenate([a, b], 1), [0, 1], [0, 3]),
  ],
  after: [of((g, a, b) => g.multiply(g.after(a, [b]), b), [0, 3], [0, 3])],
  matmul: [false, true].flatMap((transposeA) =>
    [false, true].flatMap((transposeB) => {
      const turned = (shape: number[], isTurned: boolean): number[] =>
        isTurned ? [...shape.slice(0, -2), shape.at(-1) as number, shape.at(-2) as number] : shape;
      const product = (a: number[], b: number[]): Case =>
        of(
          (g, x, y) => g.matmul(x, y, { transposeA, transposeB }),
          turned(a, transposeA),
          turned(b, transposeB),
        );
      return [
        product([0, 3], [3, 4]),
        product([2, 3], [3, 0]),
        product([2, 0], [0, 4]),
        product([2, 0, 3], [3, 4]),
        product([2, 3, 0], [2, 0, 4]),
        // A plain matrix times a stack of none, which is this one's gradient transposed, is more than the runtime takes.
        ...(transposeA ? [] : [product([0, 2, 3], [3, 4]), product([0, 2, 3], [1, 3, 4])]),
      ];
    }),
  ),
  quantizeRows: 'has no gradient',
  quantizedMatmul: 'its gradient is not that of its rounding; test/engine/base has it',
  quantizedProducts: 'its gradient is not that of its rounding; test/engine/base has it',
  blockMatmul: [
    of(
      (g, x) =>
        g.blockMatmul(
          x,
          g.initializer('weight', 'int8', [3, 34], { kind: 'inline', data: new Int8Array(102).fill(5) }),
          floats(g, [3, 2]),
          { transposed: false, blockSize: 32 },
        ),
      [0, 34],
    ),
  ],
  // Of no image; an image has pixels and channels.
  convolution: [1, 3].map((size) =>
    of(
      (g, x, w) => g.convolution(x, w, { stride: 1, padding: (size - 1) / 2 }),
      [0, 2, 4, 4],
      [3, 2, size, size],
    ),
  ),
  convolutionByInput: [1, 3].map((size) =>
    of(
      (g, d, w) => g.convolutionByInput(d, w, { stride: 1, padding: (size - 1) / 2, size: [4, 4] }),
      [0, 3, 4, 4],
      [3, 2, size, size],
    ),
  ),
  convolutionByWeight: [1, 3].map((size) =>
    of(
      (g, x, d) => g.convolutionByWeight(x, d, { stride: 1, padding: (size - 1) / 2, size: [size, size] }),
      [0, 2, 4, 4],
      [0, 3, 4, 4],
    ),
  ),
  upsample: [of((g, x) => g.upsample(x), [0, 2, 3, 4])],
  gatherRows: [
    of((g, table) => g.gatherRows(table, integers(g, [0])), [5, 3]),
    of((g, table) => g.gatherRows(table, integers(g, [2, 0])), [5, 3]),
  ],
  scatterRows: [
    of((g, updates) => g.scatterRows(integers(g, [0]), updates, 5), [0, 3]),
    of((g, updates) => g.scatterRows(integers(g, [2, 0]), updates, 5), [2, 0, 3]),
  ],
  gatherElements: [of((g, data) => g.gatherElements(data, integers(g, [0, 1])), [0, 4])],
  scatterElements: [
    of((g, data, updates) => g.scatterElements(data, integers(g, [0, 1]), updates), [0, 4], [0, 1]),
  ],
  softmax: [of((g, x) => g.softmax(x), [0, 4]), of((g, x) => g.softmax(x), [2, 0, 4])],
  rmsNorm: [of((g, x, weight) => g.rmsNorm(x, weight, 1e-5), [0, 4], [4])],
  layerNorm: [of((g, x, weight, bias) => g.layerNorm(x, weight, bias, 1e-5), [0, 4], [4], [4])],
  rmsNormGradient: 'has no gradient',
  layerNormGradient: 'has no gradient',
  groupNormGradient: 'has no gradient',
  groupNorm: [
    of(
      (g, x, weight, bias) => g.groupNorm(x, weight, bias, { groups: 2, epsilon: 1e-5 }),
      [0, 4, 2, 2],
      [4],
      [4],
    ),
  ],
  rotary: [
    of((g, x) => g.rotary(x, integers(g, [0, 3]), floats(g, [4, 2]), floats(g, [4, 2])), [0, 3, 3, 4]),
  ],
  crossEntropy: [of((g, logits) => g.crossEntropy(logits, integers(g, [0])), [0, 5])],
  linearCrossEntropy: [
    of(
      (g, rows) =>
        g.linearCrossEntropy(rows, floats(g, [5, 3]), integers(g, [0]), {
          softcap: null,
          smoothing: 0.1,
          rounded: false,
        }),
      [0, 3],
    ),
  ],
  knownGradient: [
    of(
      (g, x) => {
        const squares = g.reshape(g.sum(g.multiply(x, x), [1]), [0]);
        return g.knownGradient(squares, x, g.multiply(x, 2));
      },
      [0, 2],
    ),
  ],
  attention: 'a batch has rows, and a row has tokens',
  split: 'has no gradient',
  addRmsNorm: 'has no gradient',
  bitMatmul: 'has no gradient',
  attentionWithPast: 'has no gradient',
  attentionGradient: 'has no gradient',
  attentionGradientAlone: 'has no gradient',
};

describe('gradient rules with nothing along an axis', () => {
  for (const [operator, list] of Object.entries(cases))
    if (typeof list !== 'string')
      it.each(
        list.map((one, index) => ({
          one,
          title: `${operator} ${index + 1}: ${one.shapes.map((shape) => `[${shape.join(', ')}]`).join(' ')}`,
        })),
      )('$title', async ({ one }) => {
        expect(await largestError(one, () => true)).toBeLessThan(2e-3);
        expect(await largestError(one, () => false)).toBeLessThan(2e-3);
      });
});
