import type { Shape } from '../graph/dimension.ts';
import type { Value } from '../graph/graph.ts';
import type { OperatorName } from '../graph/signatures.ts';
import { portableAttention, portableAttentionGradient } from './portable-attention.ts';
import { loweringRules, type LoweringContext, type LoweringRules } from './lowering-rules.ts';
import type { OnnxNode } from './onnx-model.ts';

type Context = Pick<LoweringContext<OperatorName>, 'intermediate'>;

/** Collects nodes of one output each, so that a rule reads as a formula. */
const chain = ({ intermediate }: Context, output: string) => {
  const nodes: OnnxNode[] = [];
  const named = (name: string, type: string, inputs: readonly string[], attributes = {}): string => {
    nodes.push({ type, inputs, outputs: [name], attributes });
    return name;
  };
  return {
    nodes,
    node: (type: string, inputs: readonly string[], attributes: OnnxNode['attributes'] = {}): string =>
      named(intermediate(), type, inputs, attributes),
    last: (type: string, inputs: readonly string[], attributes: OnnxNode['attributes'] = {}): OnnxNode[] => {
      named(output, type, inputs, attributes);
      return nodes;
    },
    named,
  };
};

const keep = { keepdims: 1n };

/** The permutation that swaps the last two axes. */
const swapLast = (rank: number): bigint[] =>
  Array.from({ length: rank }, (_, axis) => BigInt(axis < rank - 2 ? axis : 2 * rank - 3 - axis));

const rankOf = ({ shape }: { readonly shape: Shape }): number => shape.length;

/** 1 where the column is the one that the row's index names, (n x width) as booleans. */
const oneHot = (
  { classes }: Pick<LoweringContext<OperatorName>, 'classes'>,
  node: (type: string, inputs: readonly string[]) => string,
  width: Shape[number],
  column: string,
): string => node('Equal', [classes(Number(width)), column]);

const unordered = ({ inputs, outputs }: Pick<LoweringContext<never>, 'inputs' | 'outputs'>): OnnxNode[] => [
  { type: 'Identity', inputs: [inputs[0] as string], outputs },
];

/**
 * Rules for a device other than the CPU: only operators of ONNX itself that every execution provider has, in the place of ONNX
 * Runtime's fused ones, and no 64-bit integers but in shapes. What is not named here is lowered as for the CPU.
 * Checked operator by operator on WebGPU (`test/engine/runtime/device.test.ts`).
 */
export const portableRules: LoweringRules = {
  ...loweringRules,
  // A device's memory is not what these save, and a shape known only at run time would be computed on the CPU.
  after: unordered,
  knownGradient: unordered,
  attention: portableAttention,
  attentionGradient: portableAttentionGradient,
  minimum: (context) => {
    const [a, b] = context.inputs as [string, string];
    const { node, last } = chain(context, context.outputs[0] as string);
    return last('Where', [node('LessOrEqual', [a, b]), a, b]);
  },
  silu: (context) => {
    const [x] = context.inputs as [string];
    const { node, last } = chain(context, context.outputs[0] as string);
    return last('Mul', [x, node('Sigmoid', [x])]);
  },
  /** Gemm takes plain matrices transposed; stacks of matrices are transposed by a node of their own. */
  matmul: (context) => {
    const { attributes, values, inputs, outputs } = context;
    const { transposeA, transposeB } = attributes;
    const [a, b] = inputs as [string, string];
    const ranks = values.inputs.map(rankOf) as [number, number];
    const { node, last } = chain(context, outputs[0] as string);
    if (ranks[0] === 2 && ranks[1] === 2)
      return last('Gemm', [a, b], { transA: transposeA ? 1n : 0n, transB: transposeB ? 1n : 0n });
    const [, { shape }] = values.inputs as [Value, Value];
    if (ranks[1] === 2 && !transposeA && transposeB) {
      const flat = node('Reshape', [a, context.integers([-1, Number(shape[1])])]);
      const product = node('Gemm', [flat, b], { transB: 1n });
      return last('Reshape', [product, context.extents((values.outputs[0] as Value).shape)]);
    }
    const turned = (name: string, rank: number, yes: boolean): string =>
      yes ? node('Transpose', [name], { perm: swapLast(rank) }) : name;
    return last('MatMul', [turned(a, ranks[0], transposeA), turned(b, ranks[1], transposeB)]);
  },
  scatterRows: (context) => {
    const { attributes, values, inputs, outputs, extents, integers } = context;
    const [indices, updates] = inputs as [string, string];
    const [, { shape }] = values.inputs as [Value, Value];
    const width = Number(shape.at(-1));
    const { node, last } = chain(context, outputs[0] as string);
    const zeros = node('Expand', [context.number(0), extents([attributes.rows, width])]);
    const rows = node('Reshape', [indices, integers([-1, 1])]);
    const flat = node('Reshape', [updates, integers([-1, width])]);
    const wide = node('Expand', [rows, integers([1, width])]);
    return last('ScatterElements', [zeros, wide, flat], { axis: 0n, reduction: 'add' });
  },
  gatherElements: (context) => {
    const [data, column] = context.inputs as [string, string];
    const { node, last } = chain(context, context.outputs[0] as string);
    const hot = oneHot(context, node, (context.values.inputs[0] as Value).shape[1] ?? 0, column);
    const picked = node('Where', [hot, data, context.number(0)]);
    return last('ReduceSum', [picked, context.integers([1])], keep);
  },
  scatterElements: (context) => {
    const [data, column, updates] = context.inputs as [string, string, string];
    const { node, last } = chain(context, context.outputs[0] as string);
    const hot = oneHot(context, node, (context.values.inputs[0] as Value).shape[1] ?? 0, column);
    return last('Add', [data, node('Where', [hot, updates, context.number(0)])]);
  },
  rmsNorm: (context) => {
    const [x, weight] = context.inputs as [string, string];
    const [y, inverse] = context.outputs as [string, string];
    const { node, named, last } = chain(context, y);
    const square = node('ReduceMean', [node('Mul', [x, x]), context.integers([-1])], keep);
    const root = node('Sqrt', [node('Add', [square, context.number(context.attributes.epsilon)])]);
    named(inverse, 'Reciprocal', [root]);
    return last('Mul', [node('Mul', [x, inverse]), weight]);
  },
  layerNorm: (context) => {
    const [x, weight, bias] = context.inputs as [string, string, string];
    const [y, mean, inverse] = context.outputs as [string, string, string];
    const { node, named, last } = chain(context, y);
    const axes = context.integers([-1]);
    const centred = node('Sub', [x, named(mean, 'ReduceMean', [x, axes], keep)]);
    const variance = node('ReduceMean', [node('Mul', [centred, centred]), axes], keep);
    const root = node('Sqrt', [node('Add', [variance, context.number(context.attributes.epsilon)])]);
    named(inverse, 'Reciprocal', [root]);
    return last('Add', [node('Mul', [node('Mul', [centred, inverse]), weight]), bias]);
  },
  gelu: (context) => {
    const [x] = context.inputs as [string];
    const { node, last } = chain(context, context.outputs[0] as string);
    const { number, attributes } = context;
    const argument =
      attributes.approximation === 'none'
        ? node('Erf', [node('Mul', [x, number(Math.SQRT1_2)])])
        : node('Tanh', [
            node('Mul', [
              node('Mul', [x, number(Math.sqrt(2 / Math.PI))]),
              node('Add', [node('Mul', [node('Mul', [x, x]), number(0.044715)]), number(1)]),
            ]),
          ]);
    return last('Mul', [node('Mul', [x, number(0.5)]), node('Add', [argument, number(1)])]);
  },
  /** The two halves of each head as the parts of complex numbers, turned by the angle of the position. */
  rotary: (context) => {
    const { values, inputs, outputs, integers } = context;
    const [x, positions, cosines, sines] = inputs as [string, string, string, string];
    const width = Number((values.inputs[0] as Value).shape.at(-1));
    const { node, last } = chain(context, outputs[0] as string);
    const half = (from: number): string =>
      node('Slice', [x, integers([from]), integers([from + width / 2]), integers([-1])]);
    const angle = (table: string): string =>
      node('Unsqueeze', [node('Gather', [table, positions], { axis: 0n }), integers([1])]);
    const [real, imaginary, cosine, sine] = [half(0), half(width / 2), angle(cosines), angle(sines)];
    const turned = (sign: 'Sub' | 'Add', a: string, b: string): string =>
      node(sign, [node('Mul', [a, cosine]), node('Mul', [b, sine])]);
    return last('Concat', [turned('Sub', real, imaginary), turned('Add', imaginary, real)], { axis: -1n });
  },
  crossEntropy: (context) => {
    const { values, inputs, outputs, integers } = context;
    const [logits, targets] = inputs as [string, string];
    const [losses, logProbabilities] = outputs as [string, string];
    const { node, named, last } = chain(context, losses);
    const axes = integers([-1]);
    const shifted = node('Sub', [logits, node('ReduceMax', [logits, axes], keep)]);
    const total = node('ReduceSum', [node('Exp', [shifted]), axes], keep);
    named(logProbabilities, 'Sub', [shifted, node('Log', [total])]);
    const column = node('Unsqueeze', [targets, integers([1])]);
    const hot = oneHot(context, node, (values.inputs[0] as Value).shape[1] ?? 0, column);
    const picked = node('Where', [hot, logProbabilities, context.number(0)]);
    return last('Neg', [node('ReduceSum', [picked, axes], { keepdims: 0n })]);
  },
};
