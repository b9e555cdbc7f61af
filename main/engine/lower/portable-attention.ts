import type { Shape } from '../graph/dimension.ts';
import type { Value } from '../graph/graph.ts';
import { emitter } from './emitter.ts';
import type { LoweringContext } from './lowering-rules.ts';
import type { OnnxNode } from './onnx-model.ts';

type Context = LoweringContext<'attention' | 'attentionGradient'>;

const keep = { keepdims: 1n };

/** The pieces that both directions are made of. Heads of one group are stacked into one taller matrix, as on the CPU. */
const attentionParts = (context: Context) => {
  const nodes: OnnxNode[] = [];
  const emit = emitter(context, nodes);
  const { attributes, values, inputs, number, integers, extents } = context;
  const [query, key] = values.inputs as [Value, Value];
  const [batch, heads, rows, width] = query.shape as [Shape[0], Shape[0], Shape[0], Shape[0]];
  const [keyValueHeads, columns] = [key.shape[1], key.shape[2]] as [Shape[0], Shape[0]];
  const [k, bias] = [inputs[1], inputs[3]] as [string, string];

  const stack = (x: string, last: Shape[0]): string =>
    emit('Reshape', [x, extents([batch, keyValueHeads, -1, last])]);
  const unstack = (x: string, last: Shape[0]): string =>
    emit('Reshape', [x, extents([batch, heads, rows, last])]);
  const transposed = (x: string): string => emit('Transpose', [x], { perm: [0n, 1n, 3n, 2n] });
  const scaled = (x: string): string => emit('Mul', [x, number(attributes.scale)]);
  const stackedQuery = stack(inputs[0] as string, width);
  const { softcap } = attributes;
  const products = scaled(emit('MatMul', [stackedQuery, transposed(k)]));
  const capped = softcap === null ? undefined : emit('Tanh', [emit('Mul', [products, number(1 / softcap)])]);
  const scores = unstack(capped ? emit('Mul', [capped, number(softcap as number)]) : products, columns);
  // d (c tanh(s / c)) / ds = 1 - tanh^2
  const slope = capped && emit('Sub', [number(1), emit('Mul', [capped, capped])]);
  const probabilities = stack(emit('Softmax', [emit('Add', [scores, bias])], { axis: -1n }), columns);
  return {
    nodes,
    emit,
    integers,
    width,
    stack,
    unstack,
    transposed,
    scaled,
    stackedQuery,
    probabilities,
    slope,
  };
};

/** softmax(scale q k^T + bias) v, all queries at once. */
export const portableAttention = (context: Context): OnnxNode[] => {
  const { nodes, emit, width, unstack, probabilities } = attentionParts(context);
  const mixed = unstack(emit('MatMul', [probabilities, context.inputs[2] as string]), width);
  return [...nodes, { type: 'Identity', inputs: [mixed], outputs: context.outputs }];
};

/** As `lowerAttentionGradient`, all queries at once. */
export const portableAttentionGradient = (context: Context): OnnxNode[] => {
  const parts = attentionParts(context);
  const {
    nodes,
    emit,
    integers,
    width,
    stack,
    unstack,
    transposed,
    scaled,
    stackedQuery,
    probabilities,
    slope,
  } = parts;
  const [, k, v, , output, gradient] = context.inputs as [string, string, string, string, string, string];
  const along = stack(emit('ReduceSum', [emit('Mul', [gradient, output]), integers([-1])], keep), 1);
  const outward = stack(gradient, width);
  const centred = emit('Sub', [emit('MatMul', [outward, transposed(v)]), along]);
  const byCapped = emit('Mul', [probabilities, centred]);
  const byScores = scaled(slope ? emit('Mul', [byCapped, slope]) : byCapped);
  const results = [
    unstack(emit('MatMul', [byScores, k]), width),
    emit('MatMul', [transposed(byScores), stackedQuery]),
    emit('MatMul', [transposed(probabilities), outward]),
  ];
  return [
    ...nodes,
    ...results.map((result, at) => ({
      type: 'Identity',
      inputs: [result],
      outputs: [context.outputs[at] as string],
    })),
  ];
};
