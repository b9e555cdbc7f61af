import type { Dimension } from '../../graph/dimension.ts';
import type { Value } from '../../graph/graph.ts';
import type { ForwardContext } from '../architecture.ts';
import { activate, type ActivationName } from './activations.ts';
import { groupedAttention, splitHeads } from './attention.ts';
import { biased } from './encoder.ts';

/** Sizes of layers as CLIP's two towers have them, by their keys in config.json. */
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

/** A norm with a weight and a bias, by its module. */
export const layerNorm = (
  { g, weight }: Pick<ForwardContext, 'g' | 'weight'>,
  { hidden_size: width, layer_norm_eps: epsilon }: PreNormSettings,
  module: string,
  x: Value,
): Value => g.layerNorm(x, weight(`${module}.weight`, [width]), weight(`${module}.bias`, [width]), epsilon);

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
  { queries, keys, queryShape, shape, positions, bias, causal }: LayerRows,
): Value => {
  const { g, linear } = context;
  const { hidden_size: width, intermediate_size: size, num_attention_heads: heads } = settings;
  const normalisedKeys = layerNorm(context, settings, `${name}.layer_norm1`, keys);
  const normalised =
    queries === keys ? normalisedKeys : layerNorm(context, settings, `${name}.layer_norm1`, queries);
  const project = (part: string, rows: Value, of: PreNormRows['shape']): Value =>
    splitHeads(g, of, linear(biased(`${name}.self_attn.${part}`, width, width), rows), {
      heads,
      width: width / heads,
    });
  const qkv = [
    project('q_proj', normalised, queryShape),
    project('k_proj', normalisedKeys, shape),
    project('v_proj', normalisedKeys, shape),
  ] as const;
  const mixed = groupedAttention({ g, past: null, positions }, qkv, {
    bias,
    scale: 1 / Math.sqrt(width / heads),
    causal,
    softcap: null,
  });
  const output = linear(biased(`${name}.self_attn.out_proj`, width, width), mixed);
  const attended = g.mark(g.add(queries, output), 'costly');
  const wide = linear(
    biased(`${name}.mlp.fc1`, width, size),
    layerNorm(context, settings, `${name}.layer_norm2`, attended),
  );
  const fed = linear(biased(`${name}.mlp.fc2`, size, width), activate(g, settings.hidden_act, wide));
  return g.mark(g.add(attended, fed), 'boundary');
};

/**
 * Layers of attention and feed-forward with a norm before each (Radford et al., arXiv 2103.00020): x (batch * sequence x width) to as
 * much, or to one row of each sequence.
 * @param prefix before the names of the layers: 'vision_model.encoder'
 */
export const encodePreNorm = (
  settings: PreNormSettings,
  context: ForwardContext,
  prefix: string,
  start: Value,
  { pooled, ...rows }: PreNormRows,
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
    x = encodeLayer(settings, context, `${prefix}.layers.${layer}`, ofLayer);
  }
  return pooled && context.everyRow ? pooled.pick(x) : x;
};
