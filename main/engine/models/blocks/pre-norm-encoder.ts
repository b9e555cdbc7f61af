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
  /** Of attention scores (batch x 1 x sequence x sequence). */
  readonly bias: Value;
  readonly causal: boolean;
}

/** A norm with a weight and a bias, by its module. */
export const layerNorm = (
  { g, weight }: Pick<ForwardContext, 'g' | 'weight'>,
  { hidden_size: width, layer_norm_eps: epsilon }: PreNormSettings,
  module: string,
  x: Value,
): Value => g.layerNorm(x, weight(`${module}.weight`, [width]), weight(`${module}.bias`, [width]), epsilon);

/**
 * Layers of attention and feed-forward with a norm before each (Radford et al., arXiv 2103.00020): x (batch * sequence x width) to as much.
 * @param prefix before the names of the layers: 'vision_model.encoder'
 */
export const encodePreNorm = (
  settings: PreNormSettings,
  context: ForwardContext,
  prefix: string,
  start: Value,
  { shape, positions, bias, causal }: PreNormRows,
): Value => {
  const { g, linear } = context;
  const { hidden_size: width, intermediate_size: size, num_attention_heads: heads } = settings;
  let x = g.mark(start, 'boundary');
  for (let layer = 0; layer < settings.num_hidden_layers; layer++) {
    const name = `${prefix}.layers.${layer}`;
    const normalised = layerNorm(context, settings, `${name}.layer_norm1`, x);
    const project = (part: string): Value =>
      splitHeads(g, shape, linear(biased(`${name}.self_attn.${part}`, width, width), normalised), {
        heads,
        width: width / heads,
      });
    const qkv = [project('q_proj'), project('k_proj'), project('v_proj')] as const;
    const mixed = groupedAttention({ g, past: null, positions }, qkv, {
      bias,
      scale: 1 / Math.sqrt(width / heads),
      causal,
      softcap: null,
    });
    const output = linear(biased(`${name}.self_attn.out_proj`, width, width), mixed);
    const attended = g.mark(g.add(x, output), 'costly');
    const wide = linear(
      biased(`${name}.mlp.fc1`, width, size),
      layerNorm(context, settings, `${name}.layer_norm2`, attended),
    );
    const fed = linear(biased(`${name}.mlp.fc2`, size, width), activate(g, settings.hidden_act, wide));
    x = g.mark(g.add(attended, fed), 'boundary');
  }
  return x;
};
