import type { GraphBuilder, RandomRows } from '../../../main/engine/graph/builder.ts';
import type { Value } from '../../../main/engine/graph/graph.ts';
import type {
  ActivationForm,
  AttributesOf,
  ConvolutionAttributes,
  OperatorName,
} from '../../../main/engine/graph/signatures.ts';
import { createRandom } from '../../../main/engine/random.ts';
import type { Case } from './finite-differences.ts';

const integers = (g: GraphBuilder, shape: number[], data: number[]): Value =>
  g.constant(`indices${shape.join('x')}`, shape, BigInt64Array.from(data, BigInt));
/** Losses of rows by a table of so many outputs and that width. */
const scoredByTable = (
  g: GraphBuilder,
  rows: Value,
  [outputs, width]: readonly [number, number],
  attributes: AttributesOf<'linearCrossEntropy'>,
): Value => {
  const random = createRandom(3);
  const table = Float32Array.from({ length: outputs * width }, () => 2 * random.uniform() - 1);
  const count = rows.shape[0] as number;
  const targets = Array.from({ length: count }, (_, row) => (7 * row + 1) % outputs);
  return g.linearCrossEntropy(
    rows,
    g.constant('table', [outputs, width], table),
    integers(g, [count], targets),
    attributes,
  );
};
const only = (
  build: (g: GraphBuilder, x: Value) => Value,
  shape: readonly number[],
  range?: readonly [number, number],
): Case => ({
  shapes: [shape],
  build: (g, [x]) => build(g, x as Value),
  ...(range ? { range } : {}),
});
const two = (
  build: (g: GraphBuilder, a: Value, b: Value) => Value,
  a: readonly number[],
  b: readonly number[],
  range?: readonly [number, number],
): Case => ({
  shapes: [a, b],
  build: (g, [x, y]) => build(g, x as Value, y as Value),
  ...(range ? { range } : {}),
});
const broadcasts = (
  build: (g: GraphBuilder, a: Value, b: Value) => Value,
  range?: readonly [number, number],
): Case[] =>
  (
    [
      [
        [2, 3],
        [2, 3],
      ],
      [[2, 3], [3]],
      [
        [2, 1],
        [4, 1, 3],
      ],
      [[], [2, 2]],
    ] as const
  ).map(([a, b]) => two(build, a, b, range));

/** Constant where it is locally constant: the loss still has to have the right (zero) gradient through the other input. */
const throughMask = (compare: (g: GraphBuilder, x: Value) => Value): Case =>
  two((g, x, y) => g.select(compare(g, x), y, g.multiply(x, 2)), [3, 4], [3, 4]);

const [batch, queries] = [2, 5];

/** What is added to the score of every query and key of each row of the batch. */
const bias = (
  g: GraphBuilder,
  keys: number,
  isMasked: (row: number, query: number, key: number) => boolean,
): Value =>
  g.constant(
    'bias',
    [batch, 1, queries, keys],
    Float32Array.from({ length: batch * queries * keys }, (_, at) => {
      const place = [Math.floor(at / (queries * keys)), Math.floor(at / keys) % queries, at % keys] as const;
      return isMasked(...place) ? -1e30 : 0;
    }),
  );

/** May look at keys up to the query's own, queries being the last of the keys; in the second row of the batch the first key is padding. */
const causalBias = (g: GraphBuilder, keys: number): Value =>
  bias(g, keys, (row, query, key) => {
    const own = query + keys - queries;
    return key > own || (row === 1 && key === 0 && own > 0);
  });

/** Every query may look at every key but the last two of the second row. */
const paddedKeys = (g: GraphBuilder, keys: number): Value =>
  bias(g, keys, (row, _, key) => row === 1 && key > keys - 3);

/** Of rows whose number is a sum of names, (past + 1 + sequence x 2). */
const alongNames = (build: (g: GraphBuilder, whole: Value) => Value): Case => ({
  shapes: [
    [3, 2],
    [4, 2],
  ],
  named: [
    ['past', 2],
    ['sequence', 2],
  ],
  build: (g, [past, now]) => {
    const between = g.constant('between', [1, 2], Float32Array.of(0.3, -0.2));
    const rows = build(g, g.concatenate([past as Value, between, g.multiply(now as Value, 2)], 0));
    return g.sum(g.multiply(rows, rows), [0]);
  },
});

interface AttentionCase {
  readonly tile: number;
  /** Query heads to a key/value head */
  readonly group: number;
  readonly keys: number;
  readonly causal: boolean;
  readonly softcap: number | null;
  /** True where absent. */
  readonly biased?: boolean;
  /** True where absent. */
  readonly outputKept?: boolean;
  /** All where absent. */
  readonly headsAtOnce?: number;
}

const attentionCase = ({
  tile,
  group,
  keys,
  causal,
  softcap,
  biased = true,
  outputKept = true,
  headsAtOnce = 2 * group,
}: AttentionCase): Case => ({
  shapes: [
    [batch, 2 * group, queries, 2],
    [batch, 2, keys, 2],
    [batch, 2, keys, 2],
  ],
  build: (g, [q, k, v]) =>
    g.attention(
      q as Value,
      k as Value,
      v as Value,
      biased ? [causal ? causalBias(g, keys) : paddedKeys(g, keys)] : [],
      {
        scale: 0.7,
        tile,
        headsAtOnce,
        positions: 7,
        causal,
        softcap,
        outputKept,
      },
    ),
});

/** Constant, whatever x is: the gradient flows through the other operand alone, past the same numbers. */
const drawn = (draw: (g: GraphBuilder, rows: RandomRows, columns: Value) => Value): Case =>
  only(
    (g, x) => {
      const rows = {
        factors: integers(g, [3, 1], [123456789, -7, 1 << 30]),
        shifts: g.constant('shifts', [3, 1], BigInt64Array.of(-987654321n, 2147483647n, 5n)),
      };
      const columns = g.constant('columns', [2], BigInt64Array.of(1640531527n, -1999999999n));
      return g.multiply(x, draw(g, rows, columns));
    },
    [3, 2],
  );

/** Of a shape in numbers, as what a case gives must be: for each channel the sum of squares of all that images have in it. */
const flattened = (g: GraphBuilder, y: Value, channels: number): Value =>
  g.reshape(g.sum(g.multiply(y, y), [0, 2, 3]), [channels]);

/** Images of 2 channels, 5 x 4 pixels, 3 kernels. */
const kernels: readonly (ConvolutionAttributes & { readonly size: readonly [number, number] })[] = [
  { size: [3, 3], stride: 1, padding: 1 },
  { size: [1, 1], stride: 1, padding: 0 },
  { size: [3, 2], stride: 1, padding: [0, 1, 2, 0] },
  { size: [3, 3], stride: 1, padding: 3 },
  { size: [3, 3], stride: 2, padding: 1 },
  { size: [3, 3], stride: 2, padding: [0, 0, 1, 1] },
  { size: [2, 3], stride: 2, padding: [1, 0, 0, 2] },
  { size: [2, 2], stride: 3, padding: 0 },
];
const [pixelRows, pixelColumns] = [5, 4];

const convolvedShape = ({ size, stride, padding }: (typeof kernels)[number]): number[] => {
  const [top, left, bottom, right] = typeof padding === 'number' ? Array<number>(4).fill(padding) : padding;
  return [
    Math.floor((pixelRows + top + bottom - size[0]) / stride) + 1,
    Math.floor((pixelColumns + left + right - size[1]) / stride) + 1,
  ];
};

const convolutionCases = {
  convolution: [
    ...kernels.map(({ size, ...attributes }) =>
      two((g, x, w) => g.convolution(x, w, attributes), [2, 2, pixelRows, pixelColumns], [3, 2, ...size]),
    ),
    {
      shapes: [
        [2, 2, 8, 4],
        [3, 2, 3, 3],
      ],
      named: [
        ['images', 2, '8*rows', '4*columns'],
        [3, 2, 3, 3],
      ],
      build: (g, [x, w]) => {
        const half = g.convolution(x as Value, w as Value, { stride: 2, padding: 1 });
        return flattened(g, g.multiply(half, half), 3);
      },
    },
  ],
  convolutionByInput: kernels.map((kernel) =>
    two(
      (g, d, w) => {
        const { size: _, ...attributes } = kernel;
        return g.convolutionByInput(d, w, { ...attributes, size: [pixelRows, pixelColumns] });
      },
      [2, 3, ...convolvedShape(kernel)],
      [3, 2, ...kernel.size],
    ),
  ),
  convolutionByWeight: kernels.map((kernel) =>
    two(
      (g, x, d) => g.convolutionByWeight(x, d, kernel),
      [2, 2, pixelRows, pixelColumns],
      [2, 3, ...convolvedShape(kernel)],
    ),
  ),
  upsample: [
    only((g, x) => g.upsample(x), [2, 2, 3, 1]),
    {
      shapes: [[2, 3, 2, 4]],
      named: [['images', 3, 'rows', '2*columns']],
      build: (g, [x]) => flattened(g, g.upsample(x as Value), 3),
    },
  ],
} satisfies Partial<Record<OperatorName, readonly Case[]>>;

/** What feed-forward layers bend their numbers with. */
const forms: readonly ActivationForm[] = [
  { kind: 'silu', alpha: 1 },
  { kind: 'silu', alpha: 1.702 },
  { kind: 'gelu', approximation: 'none' },
  { kind: 'gelu', approximation: 'tanh' },
];

/** Of every operator: functions whose gradients are held to central differences. */
export const cases: { readonly [O in OperatorName]: readonly Case[] } = {
  add: broadcasts((g, a, b) => g.add(a, b)),
  subtract: broadcasts((g, a, b) => g.subtract(a, b)),
  multiply: broadcasts((g, a, b) => g.multiply(a, b)),
  divide: broadcasts((g, a, b) => g.divide(a, b), [0.5, 2]),
  minimum: broadcasts((g, a, b) => g.minimum(a, b)),
  equal: [throughMask((g, x) => g.equal(x, 0.25))],
  lessOrEqual: [throughMask((g, x) => g.lessOrEqual(x, 0.1))],
  and: [throughMask((g, x) => g.and(g.lessOrEqual(x, 0.5), g.lessOrEqual(-0.5, x)))],
  select: [
    two(
      (g, a, b) => g.select(g.lessOrEqual(g.constant('c', [2, 1], Float32Array.of(1, -1)), 0), a, b),
      [2, 3],
      [3],
    ),
    // Condition, then and else each repeated along an axis of its own.
    two(
      (g, a, b) =>
        g.select(g.lessOrEqual(g.constant('c', [4, 1, 1], Float32Array.of(1, -1, 2, -2)), 0), a, b),
      [2, 1],
      [3],
    ),
    two((g, a, b) => g.select(g.lessOrEqual(g.constant('c', [], Float32Array.of(1)), 0), a, b), [2, 3], []),
  ],
  negate: [only((g, x) => g.negate(x), [2, 3])],
  absolute: [
    only((g, x) => g.absolute(x), [2, 3], [0.2, 1]),
    only((g, x) => g.absolute(x), [2, 3], [-1, -0.2]),
  ],
  exponential: [only((g, x) => g.exponential(x), [2, 3])],
  squareRoot: [only((g, x) => g.squareRoot(x), [2, 3], [0.5, 2])],
  sigmoid: [only((g, x) => g.sigmoid(x), [2, 3], [-3, 3])],
  tanh: [only((g, x) => g.tanh(x), [2, 3], [-2, 2])],
  erf: [only((g, x) => g.erf(x), [2, 3], [-2, 2])],
  gelu: (['none', 'tanh'] as const).map((approximation) =>
    only((g, x) => g.gelu(x, approximation), [2, 3], [-3, 3]),
  ),
  silu: [1, 1.702].map((alpha) => only((g, x) => g.silu(x, alpha), [2, 3], [-3, 3])),
  gated: forms.map((form) => two((g, gate, up) => g.gated(gate, up, form), [3, 7], [3, 7], [-3, 3])),
  gatedGradient: [],
  activationGradient: [],
  cast: [only((g, x) => g.multiply(x, g.cast(g.cast(x, 'float64'), 'float32')), [2, 3])],
  // A path through which no gradient flows, and that numbers do flow through: the difference is taken along the other one.
  detach: [only((g, x) => g.multiply(x, g.detach(g.constant('d', [3], Float32Array.of(1, 2, 3)))), [2, 3])],
  sum: [only((g, x) => g.sum(x, [0, 2]), [2, 3, 4]), only((g, x) => g.sum(x, [-1]), [2, 3])],
  mean: [only((g, x) => g.mean(x, [-1]), [2, 3]), only((g, x) => g.mean(x, [0, 1]), [2, 3])],
  // Without a gradient.
  maximum: [],
  secondMoment: [],
  uniform: [drawn((g, rows, columns) => g.uniform(rows, columns))],
  bernoulli: [drawn((g, rows, columns) => g.bernoulli(rows, columns, 0.6))],
  reshape: [only((g, x) => g.reshape(x, [3, 4]), [2, 6])],
  expand: [only((g, x) => g.expand(x, [4, 2, 3]), [2, 1])],
  transpose: [only((g, x) => g.transpose(x, [2, 0, 1]), [2, 3, 4])],
  slice: [
    only((g, x) => g.slice(x, 1, 1, 3), [2, 4]),
    only((g, x) => g.slice(x, 0, 0, 2), [2, 4]),
    alongNames((g, whole) => g.slice(whole, 0, 'past', 'past+sequence')),
    alongNames((g, whole) => g.slice(whole, 0, 1, 'past+1')),
  ],
  concatenate: [
    two((g, a, b) => g.concatenate([a, b], 1), [2, 1, 2], [2, 3, 2]),
    alongNames((_, whole) => whole),
  ],
  matmul: [false, true].flatMap((transposeA) =>
    [false, true].flatMap((transposeB) => {
      const swap = (shape: number[], flag: boolean): number[] =>
        flag ? [...shape.slice(0, -2), shape.at(-1) as number, shape.at(-2) as number] : shape;
      const multiply = (a: number[], b: number[]): Case =>
        two(
          (g, x, y) => g.matmul(x, y, { transposeA, transposeB }),
          swap(a, transposeA),
          swap(b, transposeB),
        );
      return [
        multiply([2, 3], [3, 4]),
        multiply([2, 2, 3], [2, 3, 4]),
        multiply([2, 2, 3], [3, 4]),
        multiply([2, 1, 2, 3], [4, 3, 2]),
      ];
    }),
  ),
  sumOfProducts: [
    {
      shapes: [
        [2, 3],
        [3, 4],
        [5, 2],
        [4, 5],
      ],
      build: (g, values) =>
        g.sumOfProducts(values, [
          [false, false],
          [true, true],
        ]),
    },
    {
      shapes: [
        [2, 3],
        [4, 3],
      ],
      build: (g, values) => g.sumOfProducts(values, [[false, true]]),
    },
  ],
  addProducts: [
    {
      shapes: [
        [2, 4],
        [3, 2],
        [3, 4],
        [2, 1],
        [4, 1],
      ],
      build: (g, [base, ...factors]) =>
        g.addProducts(base as Value, factors, [
          [true, false],
          [false, true],
        ]),
    },
  ],
  // Rounding is flat almost everywhere: test/engine/base holds these to their own arithmetic.
  quantizeRows: [],
  quantizedMatmul: [],
  quantizedProducts: [],
  blockMatmul: [false, true].map((transposed) =>
    only(
      (g, x) =>
        g.blockMatmul(
          x,
          g.initializer('weight', 'int8', [3, 34], {
            kind: 'inline',
            data: Int8Array.from({ length: 102 }, (_, at) => ((at * 37) % 255) - 127),
          }),
          g.constant('scales', [3, 2], Float32Array.of(0.01, 0.02, -0.01, 0.005, 0.004, 0.01)),
          { transposed, blockSize: 32 },
        ),
      [2, transposed ? 3 : 34],
    ),
  ),
  ...convolutionCases,
  gatherRows: [only((g, table) => g.gatherRows(table, integers(g, [2, 3], [0, 2, 2, 4, 0, 2])), [5, 3])],
  scatterRows: [
    only((g, updates) => g.scatterRows(integers(g, [4], [1, 3, 1, 1]), updates, 5), [4, 3]),
    only((g, updates) => g.scatterRows(integers(g, [2, 2], [1, 3, 1, 0]), updates, 4), [2, 2, 3]),
  ],
  gatherElements: [only((g, data) => g.gatherElements(data, integers(g, [3, 1], [1, 0, 1])), [3, 2])],
  scatterElements: [
    two(
      (g, data, updates) => g.scatterElements(data, integers(g, [3, 1], [1, 0, 1]), updates),
      [3, 2],
      [3, 1],
    ),
  ],
  softmax: [only((g, x) => g.softmax(x), [2, 4])],
  rmsNorm: [two((g, x, weight) => g.rmsNorm(x, weight, 1e-5), [2, 3, 4], [4])],
  layerNorm: [
    {
      shapes: [[2, 3, 4], [4], [4]],
      build: (g, [x, weight, bias]) => g.layerNorm(x as Value, weight as Value, bias as Value, 1e-5),
    },
  ],
  rmsNormGradient: [],
  layerNormGradient: [],
  groupNormGradient: [],
  groupNorm: [
    ...([1, 2, 4] as const).map((groups): Case => ({
      shapes: [[2, 4, 3, 2], [4], [4]],
      build: (g, [x, weight, bias]) =>
        g.groupNorm(x as Value, weight as Value, bias as Value, { groups, epsilon: 1e-5 }),
    })),
    {
      shapes: [[2, 4, 2, 4], [4], [4]],
      named: [['images', 4, '2*rows', 'columns'], [4], [4]],
      build: (g, [x, weight, bias]) =>
        flattened(
          g,
          g.groupNorm(x as Value, weight as Value, bias as Value, { groups: 2, epsilon: 1e-5 }),
          4,
        ),
    },
  ],
  rotary: [
    only(
      (g, x) =>
        g.rotary(
          x,
          integers(g, [2, 3], [0, 1, 2, 2, 0, 1]),
          g.constant('cos', [4, 2], Float32Array.of(1, 1, 0.54, 0.99, -0.42, 0.98, -0.99, 0.95)),
          g.constant('sin', [4, 2], Float32Array.of(0, 0, 0.84, 0.1, 0.91, 0.2, 0.14, 0.3)),
        ),
      [2, 3, 3, 4],
    ),
  ],
  // The sum of squares of each row, with its derivative 2 x.
  knownGradient: [
    only(
      (g, x) => {
        const squares = g.reshape(g.sum(g.multiply(x, x), [1]), [3]);
        return g.knownGradient(squares, x, g.multiply(x, 2));
      },
      [3, 2],
    ),
  ],
  attention: [1, 2, 8].flatMap((tile) => [
    // The places of a picture, which look at a text.
    {
      shapes: [
        [2, 3, 8, 2],
        [2, 3, 5, 2],
        [2, 3, 5, 2],
      ],
      named: [
        ['images', 3, '4*rows', 2],
        ['images', 3, 5, 2],
        ['images', 3, 5, 2],
      ],
      build: (g, [q, k, v]) => {
        const attributes = {
          scale: 0.7,
          tile,
          headsAtOnce: null,
          positions: 12,
          causal: false,
          softcap: null,
        };
        const y = g.attention(q as Value, k as Value, v as Value, [], { ...attributes, outputKept: true });
        return g.reshape(g.sum(g.multiply(y, y), [0, 2]), [3, 2]);
      },
    },
    ...[1, 2].flatMap((group) =>
      [null, 0.6].flatMap((softcap) =>
        [true, false].flatMap((causal) =>
          [true, false].map((outputKept) =>
            attentionCase({ tile, group, keys: queries, causal, softcap, outputKept }),
          ),
        ),
      ),
    ),
    // Keys of another length than the queries'.
    attentionCase({ tile, group: 2, keys: 8, causal: true, softcap: null }),
    attentionCase({ tile, group: 2, keys: 8, causal: false, softcap: 0.6 }),
    attentionCase({ tile, group: 1, keys: 3, causal: false, softcap: null }),
    attentionCase({
      ...{ tile, group: 2, keys: queries, causal: false, softcap: null },
      ...{ biased: false, outputKept: false },
    }),
    // One head after the other, or one group of them.
    ...[1, 2].flatMap((group) =>
      [true, false].map((outputKept) =>
        attentionCase({
          ...{ tile, group, keys: 8, causal: true, softcap: null },
          ...{ outputKept, headsAtOnce: 1 },
        }),
      ),
    ),
  ]),
  split: [],
  addRmsNorm: [],
  bitMatmul: [],
  attentionWithPast: [],
  attentionGradient: [],
  attentionGradientAlone: [],
  after: [two((g, a, b) => g.multiply(g.after(a, [b]), b), [2, 3], [2, 3])],
  crossEntropy: [only((g, logits) => g.crossEntropy(logits, integers(g, [3], [1, 0, 4])), [3, 5], [-2, 2])],
  linearCrossEntropy: [
    ...[
      { softcap: null, smoothing: 0, rounded: false },
      { softcap: 2, smoothing: 0.1, rounded: false },
    ].map((attributes) => only((g, rows) => scoredByTable(g, rows, [5, 4], attributes), [3, 4])),
    only(
      (g, rows) => scoredByTable(g, rows, [700, 24], { softcap: null, smoothing: 0, rounded: false }),
      [40, 24],
    ),
  ],
};

/** Operators without a gradient, each with why; all others have a case. */
export const withoutCase: Partial<Record<OperatorName, string>> = {
  maximum: 'statistics are not trained through',
  secondMoment: 'statistics are not trained through',
  quantizeRows: 'rounding is flat',
  quantizedMatmul: 'its gradient is not that of its rounding',
  gatedGradient: 'second derivatives are not needed',
  activationGradient: 'second derivatives are not needed',
  rmsNormGradient: 'second derivatives are not needed',
  groupNormGradient: 'second derivatives are not needed',
  layerNormGradient: 'second derivatives are not needed',
  quantizedProducts: 'its gradient is not that of its rounding',
  split: 'nothing is trained while text is generated',
  addRmsNorm: 'nothing is trained while text is generated',
  bitMatmul: 'its weights are frozen, and nothing is trained while text is generated',
  attentionWithPast: 'what is remembered is never trained through',
  attentionGradient: 'second derivatives are not needed',
  attentionGradientAlone: 'second derivatives are not needed',
};
