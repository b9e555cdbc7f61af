import { z } from 'zod';
import type { ReadArchitecture } from '../architecture.ts';
import { decoderModel } from '../blocks/decoder.ts';
import { readRotary } from '../blocks/rotary-embedding.ts';
import { readConfiguration } from '../configuration.ts';
import { alikeLayers, decoderKeys, plainDecoder } from '../blocks/decoder-settings.ts';

const configuration = z.object({
  ...decoderKeys,
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
