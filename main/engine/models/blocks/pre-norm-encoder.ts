import type { Dimension } from '../../graph/dimension.ts';
import type { Value } from '../../graph/graph.ts';
import type { ForwardContext } from '../architecture.ts';
import { activate, type ActivationName } from './activations.ts';
import { groupedAttention, splitHeads } from './attention.ts';
import { biased } from './encoder.ts';
import { residual } from './residual.ts';

/** Sizes of layers as CLIP's two towers and DINO have them, by their keys in config.json. */
export interface PreNormSettings {
  readonly hidden_size: number;
  readonly intermediate_size: number;
  readonly num_hidden_layers: number;
  readonly num_attention_heads: number;
  readonly hidden_act: ActivationName;
  readonly layer_norm_eps: number;
}

export interface PreNormRows {
  /** Batch and sequence, which the rows of x are flattened from. */
  readonly shape: readonly [Dimension, Dimension];
  /** Positions of a row stay below this. */
  readonly positions: number;
  /** Of attention scores (batch x 1 x sequence x sequence); null where every row looks at every other. */
  readonly bias: Value | null;
  readonly causal: boolean;
  /** Where one row of each sequence is all that is asked for: the last layer then computes no other, but for their keys and values. */
  readonly pooled: PooledRows | null;
}

/** One row of each sequence. */
export interface PooledRows {
  /** (batch * sequence x width) to (batch x width) */
  readonly pick: (rows: Value) => Value;
  /** Of those rows' attention scores (batch x 1 x 1 x sequence); null as above. */
  readonly bias: Value | null;
}

/** What comes after a layer's second norm, and adds to its rows: (n x width) to (n x width). `name` is the layer's. */
export type FeedForward = (
  settings: PreNormSettings,
  context: Pick<ForwardContext, 'g' | 'linear'>,
  name: string,
  rows: Value,
) => Value;

/** What the parts of a layer are called in files, and what a family has of its own. */
export interface PreNormForm {
  /** Between the prefix and a layer's number. */
  readonly layers: string;
  readonly norms: readonly [beforeAttention: string, beforeFeedForward: string];
  readonly attention: Readonly<Record<'query' | 'key' | 'value' | 'output', string>>;
  /** Of queries, keys and values. */
  readonly hasBias: boolean;
  /** Weights (width) that what attention and feed-forward add is multiplied by; null where it is added as it is. */
  readonly scales: readonly [ofAttention: string, ofFeedForward: string] | null;
  readonly feedForward: FeedForward;
}

/** Two linear layers with an activation between them. */
export const twoLayers =
  (first: string, second: string): FeedForward =>
  ({ hidden_size: width, intermediate_size: size, hidden_act: act }, { g, linear }, name, rows) => {
    const wide = linear(biased(`${name}.${first}`, width, size), rows);
    return linear(biased(`${name}.${second}`, size, width), activate(g, act, wide));
  };

/** CLIP's and SigLIP's. */
const ofTowers: PreNormForm = {
  layers: 'layers',
  norms: ['layer_norm1', 'layer_norm2'],
  attention: {
    query: 'self_attn.q_proj',
    key: 'self_attn.k_proj',
    value: 'self_attn.v_proj',
    output: 'self_attn.out_proj',
  },
  hasBias: true,
  scales: null,
  feedForward: twoLayers('mlp.fc1', 'mlp.fc2'),
};

/** A norm with a weight and a bias, by its module. */
export const layerNorm = (
  { g, weight }: Pick<ForwardContext, 'g' | 'weight'>,
  { hidden_size: width, layer_norm_eps: epsilon }: PreNormSettings,
  module: string,
  x: Value,
): Value =>
  g.within('norm', () =>
    g.layerNorm(x, weight(`${module}.weight`, [width]), weight(`${module}.bias`, [width]), epsilon),
  );

/** What a layer's queries are made of, and what of the keys and values that they look at. */
interface LayerRows extends Omit<PreNormRows, 'pooled'> {
  readonly queries: Value;
  readonly keys: Value;
  /** As `shape`, of the queries. */
  readonly queryShape: PreNormRows['shape'];
}

/** The queries' rows after attention and feed-forward. */
const encodeLayer = (
  settings: PreNormSettings,
  context: ForwardContext,
  name: string,
  form: PreNormForm,
  { queries, keys, queryShape, shape, positions, bias, causal }: LayerRows,
): Value => {
  const { g, linear, weight, isFrozen } = context;
  const { hidden_size: width, num_attention_heads: heads } = settings;
  const { norms, attention, hasBias, scales, feedForward } = form;
  const scaled = (x: Value, part: 0 | 1): Value =>
    scales === null ? x : g.multiply(x, weight(`${name}.${scales[part]}`, [width]));
  const projection = biased(`${name}.${attention.output}`, width, width);
  const normalisedKeys = layerNorm(context, settings, `${name}.${norms[0]}`, keys);
  const normalised =
    queries === keys ? normalisedKeys : layerNorm(context, settings, `${name}.${norms[0]}`, queries);
  const project = (part: 'query' | 'key' | 'value', rows: Value, of: PreNormRows['shape']): Value => {
    const layer = { ...biased(`${name}.${attention[part]}`, width, width), bias: hasBias };
    return splitHeads(g, of, linear(layer, rows), { heads, width: width / heads });
  };
  const qkv = [
    project('query', normalised, queryShape),
    project('key', normalisedKeys, shape),
    project('value', normalisedKeys, shape),
  ] as const;
  const mixed = groupedAttention({ g, past: null, positions }, qkv, {
    bias,
    scale: 1 / Math.sqrt(width / heads),
    causal,
    softcap: null,
    outputKept: !isFrozen(projection),
  });
  const output = linear(projection, mixed);
  const attended = g.mark(residual(g, queries, scaled(output, 0)), 'costly');
  const fed = feedForward(
    settings,
    context,
    name,
    layerNorm(context, settings, `${name}.${norms[1]}`, attended),
  );
  return g.mark(residual(g, attended, scaled(fed, 1)), 'boundary');
};

/** What the layers start from, and what each of them gives, (batch * sequence x width) each: of CLIP's layers, where all rows are asked for. */
export const preNormStates = (
  settings: PreNormSettings,
  context: ForwardContext,
  prefix: string,
  start: Value,
  rows: Omit<PreNormRows, 'pooled'>,
): Value[] => {
  const states = [context.g.mark(start, 'boundary')];
  for (let layer = 0; layer < settings.num_hidden_layers; layer++) {
    const x = states.at(-1)!;
    const all = { ...rows, keys: x, queries: x, queryShape: rows.shape };
    states.push(encodeLayer(settings, context, `${prefix}.layers.${layer}`, ofTowers, all));
  }
  return states;
};

/**
 * Layers of attention and feed-forward with a norm before each (Radford et al., arXiv 2103.00020): x (batch * sequence x width) to as
 * much, or to one row of each sequence.
 * @param prefix before the names of the layers: 'vision_model.encoder'
 * @param form CLIP's where absent
 */
export const encodePreNorm = (
  settings: PreNormSettings,
  context: ForwardContext,
  prefix: string,
  start: Value,
  { pooled, ...rows }: PreNormRows,
  form: PreNormForm = ofTowers,
): Value => {
  const { shape } = rows;
  const all = (x: Value): LayerRows => ({ ...rows, keys: x, queries: x, queryShape: shape });
  const picked = (x: Value, { pick, bias }: PooledRows): LayerRows => ({
    ...rows,
    ...{ keys: x, queries: pick(x), queryShape: [shape[0], 1] },
    ...{ bias, positions: 1, causal: false },
  });
  const last = settings.num_hidden_layers - 1;
  let x = context.g.mark(start, 'boundary');
  for (let layer = 0; layer <= last; layer++) {
    const ofLayer = pooled && layer === last && !context.everyRow ? picked(x, pooled) : all(x);
    x = encodeLayer(settings, context, `${prefix}.${form.layers}.${layer}`, form, ofLayer);
  }
  return pooled && context.everyRow ? pooled.pick(x) : x;
};
