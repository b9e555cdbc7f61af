import { z } from 'zod';
import type { ReadArchitecture } from '../architecture.ts';
import { activationSchema, gatedBy } from '../blocks/activations.ts';
import { classTokenModel, vitAttention } from '../blocks/class-token-encoder.ts';
import { biased } from '../blocks/encoder.ts';
import { checkPatches } from '../blocks/patch-embedding.ts';
import { twoLayers, type FeedForward } from '../blocks/pre-norm-encoder.ts';
import { checkHeads } from '../blocks/tower-settings.ts';
import { readConfiguration } from '../configuration.ts';
import { dropoutRate, usually } from '../configuration-keys.ts';

const known = z.object({
  ...usually({
    hidden_size: 768,
    num_hidden_layers: 12,
    num_attention_heads: 12,
    image_size: 224,
    patch_size: 14,
  }),
  mlp_ratio: z.number().positive().max(64).default(4),
  num_channels: z.literal(3).default(3),
  hidden_act: activationSchema.default('gelu'),
  layer_norm_eps: z.number().positive().default(1e-6),
  qkv_bias: z.boolean().default(true),
  use_swiglu_ffn: z.boolean().default(false),
  hidden_dropout_prob: dropoutRate,
  attention_probs_dropout_prob: dropoutRate,
  drop_path_rate: dropoutRate,
  // What layer scales start from; whether patches may be masked in training; and what a detector on top of it would take.
  layerscale_value: z.unknown().optional(),
  use_mask_token: z.unknown().optional(),
  apply_layernorm: z.unknown().optional(),
  reshape_hidden_states: z.unknown().optional(),
  out_features: z.unknown().optional(),
  out_indices: z.unknown().optional(),
  stage_names: z.unknown().optional(),
  num_labels: z.unknown().optional(),
});

/** Two thirds of what two plain layers would have, rounded up to a multiple of 8: silu(x U) * (x V), U and V in one matrix. */
const gated: FeedForward = ({ hidden_size: width, intermediate_size: size }, { g, linear }, name, rows) => {
  const inner = Math.floor((Math.floor((size * 2) / 3) + 7) / 8) * 8;
  const both = linear(biased(`${name}.mlp.weights_in`, width, 2 * inner), rows);
  const product = gatedBy(g, 'silu', g.slice(both, 1, 0, inner), g.slice(both, 1, inner, 2 * inner));
  return linear(biased(`${name}.mlp.weights_out`, inner, width), product);
};

/** DINOv2 (Oquab et al., arXiv 2304.07193): what a layer adds is scaled, and pictures may have another size than the positions were made for. */
export const readDinov2: ReadArchitecture = (config, place) => {
  const own = readConfiguration(known, config, place);
  checkHeads(own, place);
  checkPatches(own, place);
  return classTokenModel({
    name: 'dinov2',
    settings: { ...own, intermediate_size: Math.floor(own.hidden_size * own.mlp_ratio) },
    interpolates: true,
    form: {
      layers: 'layer',
      norms: ['norm1', 'norm2'],
      attention: vitAttention,
      hasBias: own.qkv_bias,
      scales: ['layer_scale1.lambda1', 'layer_scale2.lambda1'],
      feedForward: own.use_swiglu_ffn ? gated : twoLayers('mlp.fc1', 'mlp.fc2'),
    },
  });
};
