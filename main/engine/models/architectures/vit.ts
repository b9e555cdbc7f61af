import { z } from 'zod';
import type { ReadArchitecture } from '../architecture.ts';
import { activationSchema } from '../blocks/activations.ts';
import { classTokenModel, vitAttention } from '../blocks/class-token-encoder.ts';
import { checkPatches } from '../blocks/patch-embedding.ts';
import { twoLayers } from '../blocks/pre-norm-encoder.ts';
import { checkHeads } from '../blocks/tower-settings.ts';
import { readConfiguration } from '../configuration.ts';
import { dropoutRate, usually } from '../configuration-keys.ts';

const known = z.object({
  ...usually({
    hidden_size: 768,
    intermediate_size: 3072,
    num_hidden_layers: 12,
    num_attention_heads: 12,
    image_size: 224,
    patch_size: 16,
  }),
  num_channels: z.literal(3).default(3),
  hidden_act: activationSchema.default('gelu'),
  layer_norm_eps: z.number().positive().default(1e-12),
  qkv_bias: z.boolean().default(true),
  hidden_dropout_prob: dropoutRate,
  attention_probs_dropout_prob: dropoutRate,
  // Of what may sit on it: masked pictures, a pooler, classes.
  encoder_stride: z.unknown().optional(),
  pooler_output_size: z.unknown().optional(),
  pooler_act: z.unknown().optional(),
  num_labels: z.unknown().optional(),
});

/** A vision transformer by itself: DINO's are files of it (Caron et al., arXiv 2104.14294). */
export const readVit: ReadArchitecture = (config, place) => {
  const settings = readConfiguration(known, config, place);
  checkHeads(settings, place);
  checkPatches(settings, place);
  return classTokenModel({
    name: 'vit',
    settings,
    interpolates: false,
    form: {
      layers: 'layer',
      norms: ['layernorm_before', 'layernorm_after'],
      attention: vitAttention,
      hasBias: settings.qkv_bias,
      scales: null,
      feedForward: twoLayers('intermediate.dense', 'output.dense'),
    },
  });
};
