import { z } from 'zod';
import type { ReadArchitecture } from '../architecture.ts';
import { decoderModel } from '../blocks/decoder.ts';
import { alikeLayers, decoderKeys, plainDecoder } from '../blocks/decoder-settings.ts';
import { readRotary } from '../blocks/rotary-embedding.ts';
import { epsilon, usually } from '../configuration-keys.ts';
import { readConfiguration } from '../configuration.ts';

const configuration = z.object({
  ...decoderKeys,
  ...usually({
    vocab_size: 50_304,
    hidden_size: 4096,
    intermediate_size: 11_008,
    num_hidden_layers: 32,
    num_attention_heads: 32,
    max_position_embeddings: 2048,
  }),
  rms_norm_eps: epsilon.default(1e-5),
  attention_bias: z.boolean().default(false),
});

/** OLMo 2: Llama with norms after each part instead of before it, and norms of all queries and of all keys together. */
export const readOlmo2: ReadArchitecture = (config, place) => {
  const settings = readConfiguration(configuration, config, place);
  const { attention_bias: bias, num_hidden_layers: layers } = settings;
  const plain = plainDecoder('olmo2', settings, alikeLayers(layers, readRotary(config, place)));
  return decoderModel(
    {
      ...plain,
      biases: { qkv: bias, output: bias, feedForward: false },
      queryKeyNorm: 'all-heads',
      norms: {
        beforeAttention: null,
        afterAttention: 'post_attention_layernorm',
        beforeFeedForward: null,
        afterFeedForward: 'post_feedforward_layernorm',
      },
    },
    place,
  );
};
