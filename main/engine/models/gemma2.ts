import { z } from 'zod';
import type { ReadArchitecture } from './architecture.ts';
import { activationSchema } from './blocks/activations.ts';
import { decoderModel, fourNorms, type DecoderDescription, type DecoderLayer } from './blocks/decoder.ts';
import { readRotary } from './blocks/rotary-embedding.ts';
import { readConfiguration } from './configuration.ts';
import { count, decoderKeys, layerTypesSchema, mixedLayers, plainDecoder } from './decoder-settings.ts';

const softcap = z.number().positive().nullish();

/** What Gemma 2 and 3 say beside Llama's keys; the defaults are transformers'. */
export const gemmaKeys = {
  ...decoderKeys,
  hidden_act: z.string().optional(),
  hidden_activation: activationSchema.nullish(),
  tie_word_embeddings: z.boolean().default(true),
  head_dim: count.default(256),
  attention_bias: z.boolean().default(false),
  query_pre_attn_scalar: z.number().positive().default(256),
  attn_logit_softcapping: softcap,
  final_logit_softcapping: softcap,
  sliding_window: count.default(4096),
  layer_types: layerTypesSchema,
  use_bidirectional_attention: z.literal(false).nullish(),
};

const configuration = z.object(gemmaKeys);

/** Four norms a layer that multiply by 1 + weight, embeddings times the root of their width. */
export const gemmaDecoder = (
  name: string,
  settings: z.output<typeof configuration>,
  layers: readonly DecoderLayer[],
): DecoderDescription => ({
  ...plainDecoder(name, settings, layers),
  activation: settings.hidden_activation ?? 'gelu_pytorch_tanh',
  biases: { qkv: settings.attention_bias, output: settings.attention_bias, feedForward: false },
  norms: fourNorms,
  normOffset: 1,
  attentionScale: settings.query_pre_attn_scalar ** -0.5,
  attentionSoftcap: settings.attn_logit_softcapping ?? null,
  logitSoftcap: settings.final_logit_softcapping ?? null,
  embeddingScale: Math.fround(Math.sqrt(settings.hidden_size)),
});

/** Gemma 2: soft caps, and a window in every other layer, the first included. */
export const readGemma2: ReadArchitecture = (config, place) => {
  const settings = readConfiguration(configuration, config, place);
  const rotary = readRotary(config, place);
  const layers = mixedLayers(
    settings.num_hidden_layers,
    settings.layer_types,
    (index) => index % 2 === 0,
    (sliding) => ({ rotary, window: sliding ? settings.sliding_window : null }),
  );
  return decoderModel(gemmaDecoder('gemma2', settings, layers), place);
};
