import type { Dimension, Shape } from '../graph/dimension.ts';
import type { DataType } from '../graph/data-type.ts';
import type { Value } from '../graph/graph.ts';
import type { AttributesOf, OperatorName } from '../graph/signatures.ts';
import { lowerAttention, lowerAttentionGradient } from './attention.ts';
import { emitter, waitFor } from './emitter.ts';
import { microsoftDomain, type OnnxNode } from './onnx-model.ts';

/** What a rule sees: names of the node's values, and ways to name constants and intermediate results. */
export interface LoweringContext<O extends OperatorName> {
  readonly attributes: AttributesOf<O>;
  readonly values: { readonly inputs: readonly Value[]; readonly outputs: readonly Value[] };
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Name of a one-dimensional int64 constant. */
  readonly integers: (values: readonly number[]) => string;
  /** Name of an int64 vector that holds the run-time extents of `shape`. */
  readonly extents: (shape: Shape) => string;
  /** Name of a constant of one element, a scalar unless `shape` says otherwise. */
  readonly number: (
    value: number,
    dataType?: 'float32' | 'uint8' | 'int32',
    shape?: readonly number[],
  ) => string;
  /** A fresh name for a result between two nodes of the same rule. */
  readonly intermediate: () => string;
  /** Name of the row 0, 1, ... count - 1 (1 x count) in the type that indices have. */
  readonly classes: (count: number) => string;
}

type Rule<O extends OperatorName> = (context: LoweringContext<O>) => OnnxNode[];

const onnxTypes: Readonly<Record<DataType, bigint>> = {
  float32: 1n,
  float64: 11n,
  uint8: 2n,
  int8: 3n,
  int64: 7n,
  bool: 9n,
  float16: 10n,
  bfloat16: 16n,
  int4: 22n,
};

/** Not a type of the graph's values: only in between. */
const int32 = 6n;

const direct =
  (type: string) =>
  ({ inputs, outputs }: { inputs: readonly string[]; outputs: readonly string[] }): OnnxNode[] => [
    { type, inputs, outputs },
  ];

const reduction =
  (type: string): Rule<'sum' | 'mean' | 'maximum'> =>
  ({ attributes: { axes }, inputs, outputs, integers }) => [
    { type, inputs: [...inputs, integers(axes)], outputs, attributes: { keepdims: 1n } },
  ];

/**
 * The target of ONNX's Reshape. An extent that is known only at run time is written 0 (take the source's at the same axis)
 * or, for one axis, -1 (what remains); undefined where that cannot say it.
 */
const reshapeTarget = (source: Shape, target: Shape): number[] | undefined => {
  const written = target.map((extent, axis): number =>
    typeof extent === 'number' ? extent : extent === source[axis] ? 0 : -1,
  );
  return written.filter((extent) => extent === -1).length <= 1 ? written : undefined;
};

/**
 * Whether stacks of matrices, one of them transposed, are multiplied over an axis that may have nothing on it: FusedMatMul then leaves
 * its result as it finds it (ONNX Runtime 1.30), where MatMul, and FusedMatMul of plain matrices, give zeros.
 */
const isStackOverNothing = ({ attributes, values }: LoweringContext<'matmul'>): boolean => {
  const { transposeA, transposeB } = attributes;
  const [a, b] = values.inputs as [Value, Value];
  const inner = a.shape.at(transposeA ? -2 : -1);
  const isStack = a.shape.length > 2 || b.shape.length > 2;
  return isStack && (transposeA || transposeB) && (typeof inner !== 'number' || inner === 0);
};

/** The transposed operands turned by nodes of their own. */
const transposedMatmul: Rule<'matmul'> = (context) => {
  const { attributes, values, inputs, outputs } = context;
  const nodes: OnnxNode[] = [];
  const emit = emitter(context, nodes);
  const turned = (at: 0 | 1, isTransposed: boolean): string => {
    const name = inputs[at] as string;
    if (!isTransposed) return name;
    const axes = (values.inputs[at] as Value).shape.map((_, axis) => BigInt(axis));
    return emit('Transpose', [name], {
      perm: [...axes.slice(0, -2), axes.at(-1) as bigint, axes.at(-2) as bigint],
    });
  };
  const operands = [turned(0, attributes.transposeA), turned(1, attributes.transposeB)];
  return [...nodes, { type: 'MatMul', inputs: operands, outputs }];
};

/** factors[i] columns[j] + shifts[i] in 32-bit integers, which wrap. */
const hashed = (
  context: Pick<LoweringContext<never>, 'inputs' | 'intermediate'>,
  nodes: OnnxNode[],
): string => {
  const emit = emitter(context, nodes);
  const [factors, shifts, columns] = context.inputs.map((name) => emit('Cast', [name], { to: int32 })) as [
    string,
    string,
    string,
  ];
  return emit('Add', [emit('Mul', [factors, columns]), shifts]);
};

const columns = (indices: Value): Dimension[] => [...indices.shape, 1];

/** One rule for every operator. */
export type LoweringRules = { readonly [O in OperatorName]: Rule<O> };

/**
 * A view of x by a reshape whose shape ends in a piece of the others' shapes that is empty: nothing is copied, and it cannot be
 * made before they are. (The compiler would see through this; its passes are off.)
 */
const after: Rule<'after' | 'knownGradient'> = (context) => {
  const [x, ...awaited] = context.inputs as [string, ...string[]];
  const nodes: OnnxNode[] = [];
  const emit = emitter(context, nodes);
  const shape = waitFor(emit, context, context.extents((context.values.inputs[0] as Value).shape), awaited);
  nodes.push({ type: 'Reshape', inputs: [x, shape], outputs: context.outputs });
  return nodes;
};

/** For the CPU: ONNX Runtime's fused operators where it has them. */
export const loweringRules: LoweringRules = {
  add: direct('Add'),
  subtract: direct('Sub'),
  multiply: direct('Mul'),
  divide: direct('Div'),
  minimum: direct('Min'),
  equal: direct('Equal'),
  lessOrEqual: direct('LessOrEqual'),
  and: direct('And'),
  select: direct('Where'),
  negate: direct('Neg'),
  absolute: direct('Abs'),
  exponential: direct('Exp'),
  squareRoot: direct('Sqrt'),
  sigmoid: direct('Sigmoid'),
  tanh: direct('Tanh'),
  erf: direct('Erf'),
  // x * sigmoid(alpha x)
  silu: ({ inputs, outputs }) => [
    { type: 'QuickGelu', domain: microsoftDomain, inputs, outputs, attributes: { alpha: 1 } },
  ],
  gelu: ({ attributes: { approximation }, inputs, outputs }) => [
    { type: 'Gelu', inputs, outputs, attributes: { approximate: approximation } },
  ],
  cast: ({ attributes: { to }, inputs, outputs }) => [
    { type: 'Cast', inputs, outputs, attributes: { to: onnxTypes[to] } },
  ],
  detach: direct('Identity'),
  sum: reduction('ReduceSum'),
  mean: reduction('ReduceMean'),
  maximum: reduction('ReduceMax'),
  secondMoment: ({ inputs, outputs, intermediate }) => {
    const [wide, turned] = [intermediate(), intermediate()];
    return [
      { type: 'Cast', inputs, outputs: [wide], attributes: { to: onnxTypes.float64 } },
      { type: 'Transpose', inputs: [wide], outputs: [turned], attributes: { perm: [1n, 0n] } },
      { type: 'MatMul', inputs: [turned, wide], outputs },
    ];
  },
  uniform: (context) => {
    const nodes: OnnxNode[] = [];
    const whole = emitter(context, nodes)('Cast', [hashed(context, nodes)], { to: onnxTypes.float32 });
    nodes.push({ type: 'Mul', inputs: [whole, context.number(2 ** -31)], outputs: context.outputs });
    return nodes;
  },
  bernoulli: (context) => {
    const nodes: OnnxNode[] = [];
    const most = Math.round((2 * context.attributes.probability - 1) * 2 ** 31);
    const threshold = context.number(Math.min(most, 2 ** 31 - 1), 'int32');
    const isOne = emitter(context, nodes)('LessOrEqual', [hashed(context, nodes), threshold]);
    nodes.push({
      type: 'Cast',
      inputs: [isOne],
      outputs: context.outputs,
      attributes: { to: onnxTypes.float32 },
    });
    return nodes;
  },
  reshape: ({ attributes: { shape }, values, inputs, outputs, integers, extents }) => {
    // Here 0 is an extent, not the source's at the same axis.
    if (shape.includes(0))
      return [
        { type: 'Reshape', inputs: [...inputs, extents(shape)], outputs, attributes: { allowzero: 1n } },
      ];
    const target = reshapeTarget((values.inputs[0] as Value).shape, shape);
    return [{ type: 'Reshape', inputs: [...inputs, target ? integers(target) : extents(shape)], outputs }];
  },
  expand: ({ attributes: { shape }, inputs, outputs, extents }) => [
    { type: 'Expand', inputs: [...inputs, extents(shape)], outputs },
  ],
  transpose: ({ attributes: { permutation }, inputs, outputs }) => [
    { type: 'Transpose', inputs, outputs, attributes: { perm: permutation.map(BigInt) } },
  ],
  slice: ({ attributes: { axis, start, end }, inputs, outputs, integers, extents }) => [
    { type: 'Slice', inputs: [...inputs, extents([start]), extents([end]), integers([axis])], outputs },
  ],
  concatenate: ({ attributes: { axis }, inputs, outputs }) => [
    { type: 'Concat', inputs, outputs, attributes: { axis: BigInt(axis) } },
  ],
  after,
  knownGradient: (context) => {
    const [y, , slope] = context.inputs as [string, string, string];
    const [value, , awaited] = context.values.inputs as [Value, Value, Value];
    return after({ ...context, inputs: [y, slope], values: { ...context.values, inputs: [value, awaited] } });
  },
  matmul: (context) => {
    const {
      attributes: { transposeA, transposeB },
      inputs,
      outputs,
    } = context;
    if (isStackOverNothing(context)) return transposedMatmul(context);
    return transposeA || transposeB
      ? [
          {
            type: 'FusedMatMul',
            domain: microsoftDomain,
            inputs,
            outputs,
            attributes: { transA: transposeA ? 1n : 0n, transB: transposeB ? 1n : 0n },
          },
        ]
      : [{ type: 'MatMul', inputs, outputs }];
  },
  // Row maxima by two reductions: |x| as a whole would be one more pass over it. Rows of zeros get a scale that is not zero.
  quantizeRows: ({ inputs: [x], outputs: [values, scales], integers, number, intermediate }) => {
    const [high, low, negated, largest] = [intermediate(), intermediate(), intermediate(), intermediate()];
    const [flat, extent, zeros] = [intermediate(), intermediate(), intermediate()];
    const columns = integers([1]);
    return [
      { type: 'ReduceMax', inputs: [x as string, columns], outputs: [high], attributes: { keepdims: 1n } },
      { type: 'ReduceMin', inputs: [x as string, columns], outputs: [low], attributes: { keepdims: 1n } },
      { type: 'Neg', inputs: [low], outputs: [negated] },
      { type: 'Max', inputs: [high, negated, number(1e-30)], outputs: [largest] },
      { type: 'Mul', inputs: [largest, number(1 / 127)], outputs: [scales as string] },
      { type: 'Reshape', inputs: [scales as string, integers([-1])], outputs: [flat] },
      { type: 'Shape', inputs: [flat], outputs: [extent] },
      { type: 'Expand', inputs: [number(128, 'uint8', [1]), extent], outputs: [zeros] },
      {
        type: 'QuantizeLinear',
        inputs: [x as string, flat, zeros],
        outputs: [values as string],
        attributes: { axis: 0n },
      },
    ];
  },
  quantizedMatmul: ({ inputs: [, values, rowScales, weight, scales], outputs, number, intermediate }) => {
    const product = intermediate();
    return [
      {
        type: 'MatMulIntegerToFloat',
        domain: microsoftDomain,
        inputs: [values as string, weight as string, number(1), scales as string, number(128, 'uint8')],
        outputs: [product],
      },
      { type: 'Mul', inputs: [product, rowScales as string], outputs },
    ];
  },
  blockMatmul: ({
    attributes: { transposed, blockSize },
    inputs: [x, weight, scales],
    outputs,
    intermediate,
  }) => {
    const wide = intermediate();
    return [
      // The axis is named from both ends: alike, the two directions would be merged and keep every wide weight from the forward
      // pass to the backward one.
      {
        type: 'DequantizeLinear',
        inputs: [weight as string, scales as string],
        outputs: [wide],
        attributes: { axis: transposed ? -1n : 1n, block_size: BigInt(blockSize) },
      },
      {
        type: 'FusedMatMul',
        domain: microsoftDomain,
        inputs: [x as string, wide],
        outputs,
        attributes: { transA: 0n, transB: transposed ? 0n : 1n },
      },
    ];
  },
  gatherRows: ({ inputs, outputs }) => [{ type: 'Gather', inputs, outputs, attributes: { axis: 0n } }],
  scatterRows: ({ attributes: { rows }, values, inputs, outputs, extents, integers, intermediate }) => {
    const [indices, updates] = values.inputs as [Value, Value];
    const [zeros, column] = [intermediate(), intermediate()];
    return [
      {
        type: 'ConstantOfShape',
        inputs: [extents([rows, updates.shape.at(-1) as Dimension])],
        outputs: [zeros],
        attributes: { value: { tensor: Float32Array.of(0) } },
      },
      {
        type: 'Unsqueeze',
        inputs: [inputs[0] as string, integers([columns(indices).length - 1])],
        outputs: [column],
      },
      {
        type: 'ScatterND',
        inputs: [zeros, column, inputs[1] as string],
        outputs,
        attributes: { reduction: 'add' },
      },
    ];
  },
  gatherElements: ({ inputs, outputs }) => [
    { type: 'GatherElements', inputs, outputs, attributes: { axis: 1n } },
  ],
  scatterElements: ({ inputs, outputs }) => [
    { type: 'ScatterElements', inputs, outputs, attributes: { axis: 1n, reduction: 'add' } },
  ],
  softmax: ({ inputs, outputs }) => [{ type: 'Softmax', inputs, outputs, attributes: { axis: -1n } }],
  rmsNorm: ({ attributes: { epsilon }, inputs, outputs: [y, inverse] }) => [
    // The second output of this operator is a mean that float32 leaves out; the third is 1 / rms.
    {
      type: 'SimplifiedLayerNormalization',
      inputs,
      outputs: [y as string, inverse as string],
      attributes: { axis: -1n, epsilon },
    },
  ],
  layerNorm: ({ attributes: { epsilon }, inputs, outputs }) => [
    { type: 'LayerNormalization', inputs, outputs, attributes: { axis: -1n, epsilon } },
  ],
  rotary: ({ inputs, outputs }) => [{ type: 'RotaryEmbedding', domain: microsoftDomain, inputs, outputs }],
  crossEntropy: ({
    values,
    inputs: [logits, targets],
    outputs: [losses, logProbabilities],
    integers,
    intermediate,
  }) => {
    const [column, picked, flat] = [intermediate(), intermediate(), intermediate()];
    const rank = (values.inputs[1] as Value).shape.length;
    return [
      {
        type: 'LogSoftmax',
        inputs: [logits as string],
        outputs: [logProbabilities as string],
        attributes: { axis: -1n },
      },
      { type: 'Unsqueeze', inputs: [targets as string, integers([rank])], outputs: [column] },
      {
        type: 'GatherElements',
        inputs: [logProbabilities as string, column],
        outputs: [picked],
        attributes: { axis: 1n },
      },
      { type: 'Squeeze', inputs: [picked, integers([rank])], outputs: [flat] },
      { type: 'Neg', inputs: [flat], outputs: [losses as string] },
    ];
  },
  attention: lowerAttention,
  attentionGradient: lowerAttentionGradient,
};
