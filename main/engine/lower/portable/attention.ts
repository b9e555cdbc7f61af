import { difference, type Dimension } from '../../graph/dimension.ts';
import type { InputsOf } from '../../graph/operators/entry.ts';
import type { AttentionSignatures } from '../../graph/signatures.ts';
import type { LoweringContext, LoweringRule, LoweringRules } from '../rule.ts';
import { tileBounds } from './tile-bounds.ts';

/** What both directions have. */
interface Context extends Omit<LoweringContext<'attentionGradientAlone'>, 'values' | 'inputs'> {
  readonly values: { readonly inputs: InputsOf<'attention'> };
  readonly inputs: LoweringContext<'attention'>['inputs'];
}

const keep = { keepdims: 1n };
const sequenceAxis = 2;

/** Some of the queries. */
interface Tile {
  readonly from: Dimension;
  readonly to: Dimension;
}

/** The pieces that both directions are made of. Heads of one group are stacked into one taller matrix, as on the CPU. */
const attentionParts = ({ emit, attributes, values, inputs, number, integers, extents }: Context) => {
  const { scale, softcap } = attributes;
  const { q, k } = values.inputs;
  const [batch, heads, queries, width] = q.shape as [Dimension, Dimension, Dimension, Dimension];
  const [keyValueHeads, columns] = [k.shape[1] as Dimension, k.shape[2] as Dimension];
  const bounds = tileBounds(queries, attributes);
  const tiles = bounds.slice(1).map((to, at): Tile => ({ from: bounds[at] as Dimension, to }));

  const rows = (x: string, { from, to }: Tile): string =>
    tiles.length === 1 ? x : emit('Slice', [x, extents([from]), extents([to]), integers([sequenceAxis])]);
  const joined = (parts: readonly string[]): string =>
    tiles.length === 1 ? (parts[0] as string) : emit('Concat', parts, { axis: BigInt(sequenceAxis) });
  const stack = (x: string, last: Dimension): string =>
    emit('Reshape', [x, extents([batch, keyValueHeads, -1, last])]);
  const unstack = (x: string, { from, to }: Tile, last: Dimension): string =>
    emit('Reshape', [x, extents([batch, heads, difference(to, from) as Dimension, last])]);
  const transposed = (x: string): string => emit('Transpose', [x], { perm: [0n, 1n, 3n, 2n] });
  const scaled = (x: string): string => emit('Mul', [x, number(scale)]);
  const keys = transposed(inputs.k);

  /** softmax(scale q k^T + biases) of a tile, stacked; with a soft cap also what it multiplies gradients of scores by. */
  const probabilities = (
    stackedQuery: string,
    tile: Tile,
  ): { weights: string; slope: string | undefined } => {
    const products = scaled(emit('MatMul', [stackedQuery, keys]));
    const capped =
      softcap === null ? undefined : emit('Tanh', [emit('Mul', [products, number(1 / softcap)])]);
    const scores = unstack(
      capped ? emit('Mul', [capped, number(softcap as number)]) : products,
      tile,
      columns,
    );
    // d (c tanh(s / c)) / ds = 1 - tanh^2
    const slope = capped && emit('Sub', [number(1), emit('Mul', [capped, capped])]);
    const biased = inputs.biases.reduce((sum, bias) => emit('Add', [sum, rows(bias, tile)]), scores);
    return { weights: stack(emit('Softmax', [biased], { axis: -1n }), columns), slope };
  };
  return { width, tiles, rows, joined, stack, unstack, transposed, scaled, probabilities };
};

/** softmax(scale q k^T + biases) v, tile by tile over the queries. */
const portableAttention: LoweringRule<'attention'> = (context) => {
  const { emit, inputs } = context;
  const { width, tiles, rows, joined, stack, unstack, probabilities } = attentionParts(context);
  const mixed = tiles.map((tile) => {
    const { weights } = probabilities(stack(rows(inputs.q, tile), width), tile);
    return unstack(emit('MatMul', [weights, inputs.v]), tile, width);
  });
  return joined(mixed);
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

interface AloneContext extends Context {
  readonly inputs: Context['inputs'] & { readonly gradient: string };
}

/**
 * Zero, but not before the value is computed (0 x, a number of it): what it is added to is unchanged, and comes after it. The CPU says this by a
 * shape, which devices do not compute.
 */
const zeroAfter = (
  { emit, integers, number }: Pick<Context, 'emit' | 'integers' | 'number'>,
  x: string,
): string => {
  const [none, first, axes] = [
    [0, 0, 0, 0],
    [1, 1, 1, 1],
    [0, 1, 2, 3],
  ].map((list) => integers(list));
  return emit('Mul', [emit('Slice', [x, none as string, first as string, axes as string]), number(0)]);
};

/** As on the CPU, the output kept or not: here a pass over the scores is cheap. A tile waits for the one before it. */
const portableAttentionGradient = (
  context: AloneContext,
): ReturnType<LoweringRule<'attentionGradientAlone'>> => {
  const { emit, integers } = context;
  const { width, tiles, rows, joined, stack, unstack, transposed, scaled, probabilities } =
    attentionParts(context);
  const { q, k, v, gradient } = context.inputs;
  const values = transposed(v);

  const byQuery: string[] = [];
  let [byKey, byValue]: (string | undefined)[] = [];
  for (const tile of tiles) {
    const before = [byKey, byValue].flatMap((part) => (part === undefined ? [] : [zeroAfter(context, part)]));
    const query = before.reduce((x, zero) => emit('Add', [x, zero]), stack(rows(q, tile), width));
    const outward = stack(rows(gradient, tile), width);
    const { weights, slope } = probabilities(query, tile);
    const byWeights = emit('MatMul', [outward, values]);
    const along = emit('ReduceSum', [emit('Mul', [weights, byWeights]), integers([-1])], keep);
    const byCapped = emit('Mul', [weights, emit('Sub', [byWeights, along])]);
    const byScores = scaled(slope ? emit('Mul', [byCapped, slope]) : byCapped);
    byQuery.push(unstack(emit('MatMul', [byScores, k]), tile, width));
    const tileKey = emit('MatMul', [transposed(byScores), query]);
    const tileValue = emit('MatMul', [transposed(weights), outward]);
    byKey = byKey === undefined ? tileKey : emit('Add', [byKey, tileKey]);
    byValue = byValue === undefined ? tileValue : emit('Add', [byValue, tileValue]);
  }
  return { byQ: joined(byQuery), byK: byKey as string, byV: byValue as string };
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
  attentionGradientAlone: portableAttentionGradient,
};
