import type { Dimension } from '../../graph/dimension.ts';
import type { InputsOf } from '../../graph/operators/entry.ts';
import type { AttentionSignatures } from '../../graph/signatures.ts';
import type { LoweringContext, LoweringRule, LoweringRules } from '../rule.ts';

/** What both directions have. */
interface Context extends Omit<LoweringContext<'attention'>, 'values'> {
  readonly values: { readonly inputs: InputsOf<'attention'> };
}

const keep = { keepdims: 1n };

/** The pieces that both directions are made of. Heads of one group are stacked into one taller matrix, as on the CPU. */
const attentionParts = ({ emit, attributes, values, inputs, number, extents }: Context) => {
  const { scale, softcap } = attributes;
  const { q, k } = values.inputs;
  const [batch, heads, rows, width] = q.shape as [Dimension, Dimension, Dimension, Dimension];
  const [keyValueHeads, columns] = [k.shape[1] as Dimension, k.shape[2] as Dimension];

  const stack = (x: string, last: Dimension): string =>
    emit('Reshape', [x, extents([batch, keyValueHeads, -1, last])]);
  const unstack = (x: string, last: Dimension): string =>
    emit('Reshape', [x, extents([batch, heads, rows, last])]);
  const transposed = (x: string): string => emit('Transpose', [x], { perm: [0n, 1n, 3n, 2n] });
  const scaled = (x: string): string => emit('Mul', [x, number(scale)]);
  const stackedQuery = stack(inputs.q, width);
  const products = scaled(emit('MatMul', [stackedQuery, transposed(inputs.k)]));
  const capped = softcap === null ? undefined : emit('Tanh', [emit('Mul', [products, number(1 / softcap)])]);
  const scores = unstack(capped ? emit('Mul', [capped, number(softcap as number)]) : products, columns);
  // d (c tanh(s / c)) / ds = 1 - tanh^2
  const slope = capped && emit('Sub', [number(1), emit('Mul', [capped, capped])]);
  const biased = inputs.biases.reduce((sum, bias) => emit('Add', [sum, bias]), scores);
  const weights = emit('Softmax', [biased], { axis: -1n });
  const probabilities = stack(weights, columns);
  return { width, stack, unstack, transposed, scaled, stackedQuery, probabilities, slope };
};

/** softmax(scale q k^T + biases) v, all queries at once. */
const portableAttention: LoweringRule<'attention'> = (context) => {
  const { width, unstack, probabilities } = attentionParts(context);
  return unstack(context.emit('MatMul', [probabilities, context.inputs.v]), width);
};

/** The scores joined, as on the CPU, and the values too: a slice of probabilities would need extents on the device. */
const portableAttentionWithPast: LoweringRule<'attentionWithPast'> = ({
  emit,
  inputs: { q, k, v, pastKeys, pastValues, bias },
  attributes: { scale, softcap },
  values,
  number,
  extents,
}) => {
  const [batch, heads, rows, width] = values.inputs.q.shape as [Dimension, Dimension, Dimension, Dimension];
  const keyValueHeads = values.inputs.k.shape[1] as Dimension;
  const query = emit('Reshape', [q, extents([batch, keyValueHeads, -1, width])]);
  const parts = [pastKeys, k].map((keys) =>
    emit('MatMul', [query, emit('Transpose', [keys], { perm: [0n, 1n, 3n, 2n] })]),
  );
  const products = emit('Mul', [emit('Concat', parts, { axis: -1n }), number(scale)]);
  const capped =
    softcap === null
      ? products
      : emit('Mul', [emit('Tanh', [emit('Mul', [products, number(1 / softcap)])]), number(softcap)]);
  const weights = emit('Softmax', [emit('Add', [capped, bias])], { axis: -1n });
  const mixed = emit('MatMul', [weights, emit('Concat', [pastValues, v], { axis: 2n })]);
  return emit('Reshape', [mixed, extents([batch, heads, rows, width])]);
};

/** As on the CPU, all queries at once. */
const portableAttentionGradient: LoweringRule<'attentionGradient'> = (context) => {
  const { emit, integers } = context;
  const { width, stack, unstack, transposed, scaled, stackedQuery, probabilities, slope } =
    attentionParts(context);
  const { k, v, gradient } = context.inputs;
  const outward = stack(gradient, width);
  const byWeights = emit('MatMul', [outward, transposed(v)]);
  const along = emit('ReduceSum', [emit('Mul', [probabilities, byWeights]), integers([-1])], keep);
  const byCapped = emit('Mul', [probabilities, emit('Sub', [byWeights, along])]);
  const byScores = scaled(slope ? emit('Mul', [byCapped, slope]) : byCapped);
  return {
    byQ: unstack(emit('MatMul', [byScores, k]), width),
    byK: emit('MatMul', [transposed(byScores), stackedQuery]),
    byV: emit('MatMul', [transposed(probabilities), outward]),
  };
};

/** The two halves of each head as the parts of complex numbers, turned by the angle of the position. */
const portableRotary: LoweringRule<'rotary'> = ({
  emit,
  inputs: { x, positions, cosines, sines },
  values,
  integers,
}) => {
  const width = Number(values.inputs.x.shape.at(-1));
  const half = (from: number): string =>
    emit('Slice', [x, integers([from]), integers([from + width / 2]), integers([-1])]);
  const angle = (table: string): string =>
    emit('Unsqueeze', [emit('Gather', [table, positions], { axis: 0n }), integers([1])]);
  const [real, imaginary, cosine, sine] = [half(0), half(width / 2), angle(cosines), angle(sines)];
  const turned = (sign: 'Sub' | 'Add', a: string, b: string): string =>
    emit(sign, [emit('Mul', [a, cosine]), emit('Mul', [b, sine])]);
  return emit('Concat', [turned('Sub', real, imaginary), turned('Add', imaginary, real)], { axis: -1n });
};

export const attention: LoweringRules<AttentionSignatures> = {
  rotary: portableRotary,
  attention: portableAttention,
  attentionWithPast: portableAttentionWithPast,
  attentionGradient: portableAttentionGradient,
};
