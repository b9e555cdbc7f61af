import { difference, sum, type Dimension } from '../../graph/dimension.ts';
import type { Value } from '../../graph/graph.ts';
import type { InputsOf } from '../../graph/operators/entry.ts';
import type { AttentionSignatures } from '../../graph/signatures.ts';
import { waitFor } from '../emitter.ts';
import type { LoweringContext, LoweringRule, LoweringRules } from '../rule.ts';

/** What both directions have. */
interface Context extends Omit<LoweringContext<'attentionGradientAlone'>, 'values' | 'inputs'> {
  readonly values: { readonly inputs: InputsOf<'attention'> };
  readonly inputs: LoweringContext<'attention'>['inputs'];
}

const sequenceAxis = 2;
/** Of scores, and of what is kept transposed. */
const keyAxis = 3;

interface Product {
  readonly transA?: boolean;
  readonly transB?: boolean;
  readonly alpha?: number;
}

interface Probabilities {
  readonly weights: string;
  readonly slope: string | undefined;
}

/** The pieces that both directions are made of. */
const attentionParts = ({ emit, attributes, values, inputs, integers, number, extents }: Context) => {
  const { scale, tile, positions, causal, softcap } = attributes;
  const { q, k } = values.inputs;
  const [heads, keyValueHeads, width] = [Number(q.shape[1]), Number(k.shape[1]), Number(q.shape[3])];
  const tiles = Math.ceil(positions / tile);

  const product = (a: string, b: string, { transA, transB, alpha = 1 }: Product): string =>
    emit('FusedMatMul', [a, b], { transA: transA ? 1n : 0n, transB: transB ? 1n : 0n, alpha });
  /** Rows `start` to `end` along an axis, or what there is of them. */
  const rows = (x: string, start: number, end: Dimension, axis = sequenceAxis): string =>
    tiles === 1 ? x : emit('Slice', [x, integers([start]), extents([end]), integers([axis])]);
  /** The tiles again as one; where there is one it is not copied. */
  const joined = (parts: readonly string[]): string =>
    tiles === 1 ? (parts[0] as string) : emit('Concat', parts, { axis: BigInt(sequenceAxis) });
  /** Heads of one group become one taller matrix (a view), so that keys and values are never repeated. */
  const stack = (
    x: string,
    lastExtent: number,
    shape = integers([0, keyValueHeads, -1, lastExtent]),
  ): string => emit('Reshape', [x, shape]);
  const unstack = (x: string, lastExtent: number): string =>
    emit('Reshape', [x, integers([0, heads, -1, lastExtent])]);

  /** How many keys come before that of the first query; undefined where there may be fewer keys than queries. */
  const past = difference(k.shape[sequenceAxis] as Dimension, q.shape[sequenceAxis] as Dimension);
  /** Whether a tile leaves out keys: those after its last query, which are masked where causal. */
  const isPartial = tiles > 1 && causal && past !== undefined;
  /** The keys, and what else lies along their axis, that the tile's queries look at. */
  const keysFor = (x: string, at: number, axis = sequenceAxis): string =>
    isPartial ? rows(x, 0, sum([past, (at + 1) * tile]), axis) : x;

  /** softmax(scale q k^T + biases) of one tile, stacked; with a soft cap also what it multiplies gradients of scores by. */
  const probabilities = (stackedQuery: string, keys: string, at: number): Probabilities => {
    const alpha = softcap === null ? scale : scale / softcap;
    const products = product(stackedQuery, keys, { transB: true, alpha });
    const capped = softcap === null ? undefined : emit('Tanh', [products]);
    const scores = capped ? emit('Mul', [capped, number(softcap as number)]) : products;
    const ofTile = (bias: string): string => keysFor(rows(bias, at * tile, (at + 1) * tile), at, 3);
    const biased = inputs.biases.reduce((sum, bias) => emit('Add', [sum, ofTile(bias)]), unstack(scores, 0));
    const softmax = emit('Softmax', [biased], { axis: -1n });
    // d (c tanh(s / c)) / ds = 1 - tanh^2
    const slope = capped && emit('Sub', [number(1), emit('Mul', [capped, capped])]);
    return { weights: stack(softmax, 0), slope };
  };
  return {
    ...{ scale, tile, tiles, keyValueHeads, width },
    ...{ isPartial, product, rows, joined, keysFor, stack, unstack, probabilities },
  };
};

/** What has heads, along axis 1. */
const headed = ['q', 'k', 'v', 'output', 'gradient'];

/**
 * As many heads at a time as the node says, each such part after the one before it: what they work with is in memory once, and stays in the
 * cache where it is small enough. Heads that share a key/value head stay together.
 * @param compute results of a part, each with its heads along axis 1
 */
const byHeads = <C extends Context>(
  context: C,
  compute: (part: C) => readonly string[],
): readonly string[] => {
  const { emit, integers, inputs, values, attributes } = context;
  const [heads, keyValueHeads] = [Number(values.inputs.q.shape[1]), Number(values.inputs.k.shape[1])];
  const group = heads / keyValueHeads;
  const count = Math.max(1, Math.floor((attributes.headsAtOnce ?? heads) / group));
  if (count >= keyValueHeads) return compute(context);
  const parts: (readonly string[])[] = [];
  for (let first = 0; first < keyValueHeads; first += count) {
    const present = Math.min(count, keyValueHeads - first);
    const headsOf = (name: string): number => (['k', 'v'].includes(name) ? 1 : group);
    const only = <T>(of: object, change: (value: T, times: number) => T): object =>
      Object.fromEntries(
        Object.entries(of).map(([name, value]) => [
          name,
          headed.includes(name) ? change(value as T, headsOf(name)) : (value as unknown),
        ]),
      );
    const cut = (x: string, times: number): string => {
      const start = waitFor(context, integers([first * times]), parts.at(-1) ?? []);
      return emit('Slice', [x, start, integers([(first + present) * times]), integers([1])]);
    };
    const fewer = (value: Value, times: number): Value => ({
      ...value,
      shape: [value.shape[0] as Dimension, present * times, ...value.shape.slice(2)],
    });
    parts.push(
      compute({
        ...context,
        inputs: only(inputs, cut),
        values: { ...values, inputs: only(values.inputs, fewer) },
      }),
    );
  }
  return (parts[0] as readonly string[]).map((_, at) =>
    emit(
      'Concat',
      parts.map((part) => part[at] as string),
      { axis: 1n },
    ),
  );
};

/** Tile by tile over the queries; keys after a tile's last query are left out. */
const attentionOf = (context: LoweringContext<'attention'>): string => {
  const { tile, tiles, width, product, rows, joined, keysFor, stack, unstack, probabilities } =
    attentionParts(context);
  const { q, k, v } = context.inputs;
  const mixed = Array.from({ length: tiles }, (_, at) => {
    const end = (at + 1) * tile;
    const query = stack(rows(q, at * tile, end), width);
    const { weights } = probabilities(query, keysFor(k, at), at);
    return unstack(product(weights, keysFor(v, at), {}), width);
  });
  return joined(mixed);
};

const lowerAttention: LoweringRule<'attention'> = (context) =>
  byHeads(context, (part) => [attentionOf(part)])[0] as string;

type Parts = ReturnType<typeof attentionParts>;
type Gradients = ReturnType<LoweringRule<'attentionGradientAlone'>>;

/** What both gradients have. */
interface AloneContext extends Context {
  readonly inputs: Context['inputs'] & { readonly gradient: string };
}

/** dP - rowsum(dO O) of a tile, or the same from P and dP where O was not kept. */
type Centred = (tile: {
  readonly at: number;
  readonly weights: string;
  readonly outward: string;
  readonly values: string;
}) => string;

/**
 * With P = softmax(S), O = P V: dV = P^T dO, dP = dO V^T, dS = P (dP - rowsum(dO O)), dQ = scale dS K, dK = scale dS^T Q; P is
 * computed again (Dao et al., arXiv 2205.14135), and rowsum(dO O) = rowsum(P dP). A tile waits for the one before it: scores of one tile
 * are in memory at a time.
 */
const gradientsOf = <C extends AloneContext>(
  context: C,
  centredOf: (context: C, parts: Parts) => Centred,
): readonly [byQ: string, byK: string, byV: string] => {
  const { emit, integers, number } = context;
  const parts = attentionParts(context);
  const { scale, tile, tiles, keyValueHeads, width, isPartial } = parts;
  const { product, rows, joined, keysFor, stack, unstack } = parts;
  const centred = centredOf(context, parts);
  const { q, k, v, gradient } = context.inputs;

  const keysOf = (x: string, axis: number): string =>
    emit('Shape', [x], { start: BigInt(axis), end: BigInt(axis + 1) });
  /** A tile's part of a transposed gradient with zeros for the keys that it did not look at. */
  const padded = (x: string): string => {
    if (!isPartial) return x;
    const missing = emit('Sub', [keysOf(k, sequenceAxis), keysOf(x, keyAxis)]);
    return emit('Pad', [x, emit('Concat', [integers([0, 0, 0, 0, 0, 0, 0]), missing], { axis: 0n })]);
  };

  const upright = (x: string): string => emit('Transpose', [x], { perm: [0n, 1n, 3n, 2n] });
  const byQuery: string[] = [];
  let [byKey, byValue]: (string | undefined)[] = [];
  for (let at = 0; at < tiles; at++) {
    const end = (at + 1) * tile;
    const shape = integers([0, keyValueHeads, -1, width]);
    const inTurn = byKey && byValue ? waitFor(context, shape, [byKey, byValue]) : shape;
    const query = stack(rows(q, at * tile, end), width, inTurn);
    const [keys, tileValues] = [keysFor(k, at), keysFor(v, at)];
    const outward = stack(rows(gradient, at * tile, end), width);
    const { weights, slope } = parts.probabilities(query, keys, at);
    const byCapped = emit('Mul', [weights, centred({ at, weights, outward, values: tileValues })]);
    const byScores = slope ? emit('Mul', [byCapped, slope]) : byCapped;
    byQuery.push(unstack(product(byScores, keys, { alpha: scale }), width));
    // A tile past the end of the sequence has no queries: a product over nothing is zero to MatMul, undefined to FusedMatMul.
    const [tileKey, tileValue] = [
      padded(emit('MatMul', [upright(query), byScores])),
      padded(emit('MatMul', [upright(outward), weights])),
    ];
    byKey = byKey === undefined ? tileKey : emit('Add', [byKey, tileKey]);
    byValue = byValue === undefined ? tileValue : emit('Add', [byValue, tileValue]);
  }
  return [
    joined(byQuery),
    emit('Mul', [upright(byKey as string), number(scale)]),
    upright(byValue as string),
  ];
};

const attentionGradient = <C extends AloneContext>(
  context: C,
  centredOf: (context: C, parts: Parts) => Centred,
): Gradients => {
  const [byQ, byK, byV] = byHeads(context, (part) => gradientsOf(part, centredOf)) as readonly [
    string,
    string,
    string,
  ];
  return { byQ, byK, byV };
};

const rowSums = ({ emit, integers }: Pick<AloneContext, 'emit' | 'integers'>, a: string, b: string): string =>
  emit('ReduceSum', [emit('Mul', [a, b]), integers([-1])], { keepdims: 1n });

/**
 * The sums are subtracted by the product itself, as a column more of dO and one of ones beside V: dP, which is far larger, is not gone over
 * again.
 */
const lowerAttentionGradient: LoweringRule<'attentionGradient'> = (all) =>
  attentionGradient(all, (context, { product, tile, rows, stack, keysFor }) => {
    const { emit, number, inputs, values, extents } = context;
    const less = emit('Neg', [rowSums(context, inputs.gradient, inputs.output)]);
    // A column more than V has, all ones.
    const shape = values.inputs.v.shape;
    const ones = emit('Expand', [number(1, 'float32', [1]), extents([...shape.slice(0, -1), 1])]);
    const withOnes = emit('Concat', [inputs.v, ones], { axis: 3n });
    return ({ at, outward }) => {
      const sums = stack(rows(less, at * tile, (at + 1) * tile), 1);
      return product(emit('Concat', [outward, sums], { axis: 3n }), keysFor(withOnes, at), { transB: true });
    };
  });

const lowerAttentionGradientAlone: LoweringRule<'attentionGradientAlone'> = (all) =>
  attentionGradient(all, (context, { product }) => ({ weights, outward, values }) => {
    const byWeights = product(outward, values, { transB: true });
    return context.emit('Sub', [byWeights, rowSums(context, weights, byWeights)]);
  });

/**
 * Scores over the two places are joined, which are small, not the keys and values, which are not: joining those for every token of
 * a long text would cost more than attention itself.
 */
const lowerAttentionWithPast: LoweringRule<'attentionWithPast'> = ({
  emit,
  emitNamed,
  inputs,
  attributes: { scale, softcap },
  values,
  integers,
  number,
  extents,
}) => {
  const { q, k, v, pastKeys, pastValues, bias } = inputs;
  const [, heads, , width] = values.inputs.q.shape.map(Number) as [number, number, number, number];
  const keyValueHeads = Number(values.inputs.k.shape[1]);
  const query = emit('Reshape', [q, integers([0, keyValueHeads, -1, width])]);
  const alpha = softcap === null ? scale : scale / softcap;
  const [ofPast, ofNow] = [pastKeys, k].map((keys) =>
    emit('FusedMatMul', [query, keys], { transA: 0n, transB: 1n, alpha }),
  ) as [string, string];
  const joined = emit('Concat', [ofPast, ofNow], { axis: -1n });
  const scores = softcap === null ? joined : emit('Mul', [emit('Tanh', [joined]), number(softcap)]);
  const weights = emit('Softmax', [emit('Add', [scores, bias])], { axis: -1n });
  const sizes = extents([
    values.inputs.pastKeys.shape[2] as Dimension,
    values.inputs.k.shape[2] as Dimension,
  ]);
  const { past, now } = emitNamed(['past', 'now'], 'Split', [weights, sizes], { axis: -1n });
  const mixed = emit('Add', [emit('MatMul', [past, pastValues]), emit('MatMul', [now, v])]);
  return emit('Reshape', [mixed, integers([0, heads, -1, width])]);
};

export const attention: LoweringRules<AttentionSignatures> = {
  rotary: ({ emit, inputs: { x, positions, cosines, sines } }) =>
    emit('RotaryEmbedding', [x, positions, cosines, sines]),
  attention: lowerAttention,
  attentionWithPast: lowerAttentionWithPast,
  attentionGradient: lowerAttentionGradient,
  attentionGradientAlone: lowerAttentionGradientAlone,
};
