import { z } from 'zod';
import type { ReadArchitecture } from '../architecture.ts';
import { decoderModel } from '../blocks/decoder.ts';
import { readRotary } from '../blocks/rotary-embedding.ts';
import { readConfiguration } from '../configuration.ts';
import { alikeLayers, decoderKeys, plainDecoder } from '../blocks/decoder-settings.ts';
import { usually } from '../configuration-keys.ts';

const configuration = z.object({
  ...decoderKeys,
  ...usually({
    vocab_size: 32_000,
    hidden_size: 4096,
    intermediate_size: 11_008,
    num_hidden_layers: 32,
    num_attention_heads: 32,
    max_position_embeddings: 2048,
  }),
  attention_bias: z.boolean().default(false),
  mlp_bias: z.boolean().default(false),
});

/** Llama (1 to 3.3), SmolLM, TinyLlama and others of `model_type` llama. */
export const readLlama: ReadArchitecture = (config, place) => {
  const settings = readConfiguration(configuration, config, place);
  const { attention_bias: bias, mlp_bias: feedForward, num_hidden_layers: layers } = settings;
  const plain = plainDecoder('llama', settings, alikeLayers(layers, readRotary(config, place)));
  return decoderModel({ ...plain, biases: { qkv: bias, output: bias, feedForward } }, place);
};
