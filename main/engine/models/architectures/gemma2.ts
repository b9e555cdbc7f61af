import { z } from 'zod';
import type { ReadArchitecture } from '../architecture.ts';
import { activationSchema } from '../blocks/activations.ts';
import { decoderModel, type DecoderDescription, type DecoderLayer } from '../blocks/decoder.ts';
import { readRotary } from '../blocks/rotary-embedding.ts';
import { readConfiguration } from '../configuration.ts';
import { decoderKeys, layerTypesSchema, mixedLayers, plainDecoder } from '../blocks/decoder-settings.ts';
import { count, usually } from '../configuration-keys.ts';

export const softcap = z.number().positive().nullable();

/** What Gemma 2 and 3 say beside Llama's keys; the defaults are transformers'. */
export const gemmaKeys = {
  ...decoderKeys,
  hidden_act: z.string().optional(),
  hidden_activation: activationSchema.nullish(),
  num_key_value_heads: count.default(4),
  tie_word_embeddings: z.boolean().default(true),
  head_dim: count.default(256),
  attention_bias: z.boolean().default(false),
  query_pre_attn_scalar: z.number().positive().default(256),
  sliding_window: count.default(4096),
  layer_types: layerTypesSchema,
  use_bidirectional_attention: z.literal(false).nullish(),
};

const configuration = z.object({
  ...gemmaKeys,
  ...usually({
    vocab_size: 256_000,
    hidden_size: 2304,
    intermediate_size: 9216,
    num_hidden_layers: 26,
    num_attention_heads: 8,
    max_position_embeddings: 8192,
  }),
  attn_logit_softcapping: softcap.default(50),
  final_logit_softcapping: softcap.default(30),
});

type Gemma2Settings = z.output<typeof configuration>;
/** Gemma 3 has no cap on the scores of attention. */
type GemmaSettings = Omit<Gemma2Settings, 'attn_logit_softcapping'> &
  Partial<Pick<Gemma2Settings, 'attn_logit_softcapping'>>;

/** Four norms a layer that multiply by 1 + weight, embeddings times the root of their width. */
export const gemmaDecoder = (
  name: string,
  settings: GemmaSettings,
  layers: readonly DecoderLayer[],
): DecoderDescription => ({
  ...plainDecoder(name, settings, layers),
  activation: settings.hidden_activation ?? 'gelu_pytorch_tanh',
  biases: { qkv: settings.attention_bias, output: settings.attention_bias, feedForward: false },
  norms: {
    beforeAttention: 'input_layernorm',
    afterAttention: 'post_attention_layernorm',
    beforeFeedForward: 'pre_feedforward_layernorm',
    afterFeedForward: 'post_feedforward_layernorm',
  },
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
    settings,
    settings.sliding_window,
    (index) => index % 2 === 0,
    () => rotary,
    place,
  );
  return decoderModel(gemmaDecoder('gemma2', settings, layers), place);
};
