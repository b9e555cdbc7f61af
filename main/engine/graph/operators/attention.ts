import { product, sameShape, sum, type Dimension } from '../dimension.ts';
import type { Value } from '../graph.ts';
import type { AttentionAttributes, AttentionSignatures } from '../signatures.ts';
import type { InputsOf, OperatorEntries, TensorType, TypeRule } from './entry.ts';
import { axisOf, float32, requireFit, requireType } from './type-checks.ts';

const requireAttention = ({ q, k, v, biases }: InputsOf<'attention'>): void => {
  requireType('float32', q, k, v, ...biases);
  const [batch, heads, queries, width] = q.shape as [Dimension, Dimension, Dimension, Dimension];
  const [, keyValueHeads, keys] = k.shape as [Dimension, Dimension, Dimension];
  const fits =
    q.shape.length === 4 &&
    Number(heads) % Number(keyValueHeads) === 0 &&
    sameShape(k.shape, [batch, keyValueHeads, keys, width]) &&
    sameShape(k.shape, v.shape) &&
    biases.every(({ shape }) => sameShape(shape, [batch, 1, queries, keys]));
  requireFit(fits, q, k, v, ...biases);
};

/** Of one product of as many matrices as q has heads, each of a score for every query and key. */
const scoreFlops = (
  { q, k }: { readonly q: Value; readonly k: Value },
  extent: (dimension: Dimension) => number,
): number => 2 * extent(product(q.shape)) * extent(axisOf(k, -2));

/** So many times the scores of a tile: what of them is in memory at a time. */
const scores =
  (times: number) =>
  (
    {
      inputs: { q, k },
      attributes: { tile, headsAtOnce, softcap },
    }: {
      readonly inputs: { readonly q: Value; readonly k: Value };
      readonly attributes: Pick<AttentionAttributes, 'tile' | 'headsAtOnce' | 'softcap'>;
    },
    extent: (dimension: Dimension) => number,
  ): readonly TensorType[] => {
    const [batch, heads, queries] = q.shape as [Dimension, Dimension, Dimension];
    const group = Number(heads) / Number(axisOf(k, 1));
    const together = Math.min(Number(heads), Math.max(group, headsAtOnce ?? Infinity));
    const ofTile = float32([batch, together, Math.min(tile, extent(queries)), axisOf(k, -2)]);
    // In gradients also the slope of the cap.
    const all = times > 1 && softcap !== null ? times + 1 : times;
    return Array<TensorType>(all).fill(ofTile);
  };

const gradientTypes: TypeRule<'attentionGradientAlone'> = ({ gradient, ...inputs }) => {
  requireAttention(inputs);
  const { q, k, v } = inputs;
  requireFit(sameShape(gradient.shape, q.shape), q, gradient);
  return { byQ: float32(q.shape), byK: float32(k.shape), byV: float32(v.shape) };
};

export const attention: OperatorEntries<AttentionSignatures> = {
  rotary: {
    inputs: ['x', 'positions', 'cosines', 'sines'],
    attributes: [],
    outputs: ['y'],
    types: ({ x, positions, cosines, sines }) => {
      requireType('float32', x, cosines, sines);
      requireType('int64', positions);
      const fits =
        x.shape.length === 4 &&
        sameShape(cosines.shape, sines.shape) &&
        axisOf(cosines, -1) === Number(axisOf(x, -1)) / 2;
      requireFit(fits, x, positions, cosines, sines);
      return float32(x.shape);
    },
    // A rotation: its transpose is the rotation by the opposite angle.
    gradient: ({ g, inputs: { positions, cosines, sines }, gradient }) => ({
      x: g.rotary(gradient, positions, cosines, g.negate(sines)),
      positions: undefined,
      cosines: undefined,
      sines: undefined,
    }),
    flops: 'none',
    memory: {},
  },
  attention: {
    inputs: ['q', 'k', 'v', '...biases'],
    attributes: ['scale', 'tile', 'headsAtOnce', 'positions', 'causal', 'softcap', 'outputKept'],
    outputs: ['y'],
    types: (inputs) => {
      requireAttention(inputs);
      return float32(inputs.q.shape);
    },
    gradient: ({ g, inputs, outputs, attributes: { outputKept, ...attributes }, gradient }) => {
      const { byQ, byK, byV } = outputKept
        ? g.apply('attentionGradient', { ...inputs, output: outputs.y, gradient }, attributes)
        : g.apply('attentionGradientAlone', { ...inputs, gradient }, attributes);
      return { q: byQ, k: byK, v: byV, biases: inputs.biases.map(() => undefined) };
    },
    // Without what tiles leave out above the diagonal, which only long sequences have.
    flops: ({ inputs }, extent) => 2 * scoreFlops(inputs, extent),
    // Softmax works in place.
    memory: { workspace: scores(1) },
  },
  attentionWithPast: {
    inputs: ['q', 'k', 'v', 'pastKeys', 'pastValues', 'bias'],
    attributes: ['scale', 'softcap'],
    outputs: ['y'],
    types: ({ q, k, v, pastKeys, pastValues, bias }) => {
      requireType('float32', q, k, v, pastKeys, pastValues, bias);
      const [batch, heads, queries, width] = q.shape as [Dimension, Dimension, Dimension, Dimension];
      const [, keyValueHeads] = k.shape as [Dimension, Dimension];
      const [keys, past] = [axisOf(k, -2), axisOf(pastKeys, -2)];
      const group = Number(heads) / Number(keyValueHeads);
      const fits =
        q.shape.length === 4 &&
        Number.isInteger(group) &&
        sameShape(k.shape, [batch, keyValueHeads, keys, width]) &&
        sameShape(k.shape, v.shape) &&
        sameShape(pastKeys.shape, [batch, keyValueHeads, past, width]) &&
        sameShape(pastKeys.shape, pastValues.shape) &&
        sameShape(bias.shape, [batch, 1, product([group, queries]), sum([past, keys])]);
      requireFit(fits, q, k, v, pastKeys, pastValues, bias);
      return float32(q.shape);
    },
    // What is remembered of earlier tokens is never trained through.
    gradient: 'none',
    flops: ({ inputs }, extent) =>
      2 * (scoreFlops(inputs, extent) + scoreFlops({ q: inputs.q, k: inputs.pastKeys }, extent)),
    memory: {},
  },
  attentionGradient: {
    inputs: ['q', 'k', 'v', 'output', 'gradient', '...biases'],
    attributes: ['scale', 'tile', 'headsAtOnce', 'positions', 'causal', 'softcap'],
    outputs: ['byQ', 'byK', 'byV'],
    types: ({ output, ...inputs }, attributes) => {
      requireFit(sameShape(output.shape, inputs.q.shape), inputs.q, output);
      return gradientTypes(inputs, attributes);
    },
    // Second derivatives are not needed.
    gradient: 'none',
    flops: ({ inputs }, extent) => 5 * scoreFlops(inputs, extent),
    // Probabilities, and the gradient by them, which becomes that by the scores.
    memory: { workspace: scores(2) },
  },
  attentionGradientAlone: {
    inputs: ['q', 'k', 'v', 'gradient', '...biases'],
    attributes: ['scale', 'tile', 'headsAtOnce', 'positions', 'causal', 'softcap'],
    outputs: ['byQ', 'byK', 'byV'],
    types: gradientTypes,
    // Second derivatives are not needed.
    gradient: 'none',
    flops: ({ inputs }, extent) => 5 * scoreFlops(inputs, extent),
    // And their product, which is summed along rows.
    memory: { workspace: scores(3) },
  },
};
