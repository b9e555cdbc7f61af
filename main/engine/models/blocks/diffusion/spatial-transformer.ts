import { product, type Dimension } from '../../../graph/dimension.ts';
import type { Value } from '../../../graph/graph.ts';
import type { ForwardContext, LinearLayer } from '../../architecture.ts';
import { groupedAttention, pictureTile, splitHeads } from '../attention.ts';
import { gatedBy } from '../activations.ts';
import { biased } from '../encoder.ts';
import { pixelRows, pixelShape, rowsToPixels } from '../pixel-rows.ts';
import { residual } from '../residual.ts';
import { convolve, groupNorm, pointwise } from './convolutions.ts';

/** What a picture's places look at besides each other. */
export interface TextStates {
  /** (images * tokens x width) */
  readonly rows: Value;
  readonly tokens: Dimension;
}

export interface SpatialTransformer {
  readonly module: string;
  readonly groups: number;
  readonly heads: number;
  /** Blocks of attention and feed-forward. */
  readonly depth: number;
  /** Whether the layers around those are linear ones, on rows; convolutions of single pixels otherwise. */
  readonly linearProjection: boolean;
  /** Places of a picture at most, in this layer's resolution. */
  readonly positions: number;
}

/** Tokens of a long text, six times what an encoder takes at once: by so many the scores of a tile are planned. */
const longText = 462;

/** Of the norm in front of everything, and of those before each part: neither is in a configuration. */
const epsilons = { group: 1e-6, layer: 1e-5 } as const;

const unbiased = (module: string, inFeatures: number, outFeatures: number): LinearLayer => ({
  module,
  inFeatures,
  outFeatures,
  bias: false,
});

interface Rows {
  readonly x: Value;
  /** Images, and rows of each. */
  readonly shape: readonly [Dimension, Dimension];
}

/** Attention of queries to keys, both as rows; of as many channels as the queries have. */
const attend = (
  context: ForwardContext,
  module: string,
  queries: Rows,
  keys: Rows,
  { heads, positions }: Pick<SpatialTransformer, 'heads' | 'positions'>,
): Value => {
  const { g, linear, isFrozen } = context;
  const width = queries.x.shape[1] as number;
  const looked = keys.shape[1] === queries.shape[1] ? positions : longText;
  const output = biased(`${module}.to_out.0`, width, width);
  const part = (name: string, { x, shape }: Rows): Value =>
    splitHeads(g, shape, linear(unbiased(`${module}.${name}`, x.shape[1] as number, width), x), {
      heads,
      width: width / heads,
    });
  const mixed = groupedAttention(
    { g, past: null, positions },
    [part('to_q', queries), part('to_k', keys), part('to_v', keys)],
    {
      bias: null,
      scale: 1 / Math.sqrt(width / heads),
      causal: false,
      softcap: null,
      outputKept: !isFrozen(output),
      ...pictureTile(heads, looked),
    },
  );
  return linear(output, mixed);
};

/** a times GELU(b) of a layer's two halves, and back to the width (Shazeer, arXiv 2002.05202). */
const gatedFeedForward = ({ g, linear, linearColumns }: ForwardContext, module: string, x: Value): Value => {
  const width = x.shape[1] as number;
  const inner = 4 * width;
  const wide = biased(`${module}.net.0.proj`, width, 2 * inner);
  const [value, gate] = linearColumns(wide, x, [inner, inner]) as [Value, Value];
  const gated = gatedBy(g, 'gelu', gate, value);
  return linear(biased(`${module}.net.2`, inner, width), gated);
};

/**
 * x (images x channels x height x width) plus what its places make of each other and of the texts: blocks of attention among the places,
 * attention to the texts, and feed-forward, with a norm before each (Rombach et al., arXiv 2112.10752).
 */
export const spatialTransformer = (
  context: ForwardContext,
  x: Value,
  texts: TextStates,
  settings: SpatialTransformer,
): Value => {
  const { g, weight, linear } = context;
  const { module, groups, depth, linearProjection } = settings;
  const shape = pixelShape(x);
  const [images, width, height, across] = shape;
  const places = product([height, across]);
  const normalised = groupNorm(context, `${module}.norm`, x, { groups, epsilon: epsilons.group });
  const layerNorm = (name: string, rows: Value): Value =>
    g.within('norm', () =>
      g.layerNorm(rows, weight(`${name}.weight`, [width]), weight(`${name}.bias`, [width]), epsilons.layer),
    );
  const start = linearProjection
    ? linear(biased(`${module}.proj_in`, width, width), pixelRows(g, normalised))
    : pixelRows(g, convolve(context, `${module}.proj_in`, normalised, width, pointwise));
  const keys: Rows = { x: texts.rows, shape: [images, texts.tokens] };
  let rows = g.mark(start, 'boundary');
  for (let block = 0; block < depth; block++) {
    const name = `${module}.transformer_blocks.${block}`;
    const own: Rows = { x: layerNorm(`${name}.norm1`, rows), shape: [images, places] };
    const looked = g.within('attn1', () => attend(context, `${name}.attn1`, own, own, settings));
    rows = g.mark(residual(g, looked, rows), 'costly');
    const asking: Rows = { x: layerNorm(`${name}.norm2`, rows), shape: [images, places] };
    const told = g.within('attn2', () => attend(context, `${name}.attn2`, asking, keys, settings));
    rows = g.mark(residual(g, told, rows), 'costly');
    const fed = gatedFeedForward(context, `${name}.ff`, layerNorm(`${name}.norm3`, rows));
    rows = g.mark(residual(g, fed, rows), 'boundary');
  }
  const back = linearProjection
    ? rowsToPixels(g, linear(biased(`${module}.proj_out`, width, width), rows), shape)
    : convolve(context, `${module}.proj_out`, rowsToPixels(g, rows, shape), width, pointwise);
  return g.mark(residual(g, back, x), 'boundary');
};
