import { z } from 'zod';
import type { ReadArchitecture } from '../architecture.ts';
import { decoderModel } from '../blocks/decoder.ts';
import { readRotary } from '../blocks/rotary-embedding.ts';
import { readConfiguration } from '../configuration.ts';
import { alikeLayers, decoderKeys, keyValueHeads, plainDecoder } from '../blocks/decoder-settings.ts';
import { count, usually } from '../configuration-keys.ts';

/** transformers has a window of 4096 where the key is missing, and none where it is null. */
const configuration = z.object({
  ...decoderKeys,
  ...usually({
    vocab_size: 32_000,
    hidden_size: 4096,
    intermediate_size: 14_336,
    num_hidden_layers: 32,
    num_attention_heads: 32,
    max_position_embeddings: 131_072,
  }),
  num_key_value_heads: keyValueHeads(8),
  sliding_window: count.nullable().default(4096),
});

/** Mistral 7B and its relatives: Llama with a window of attention. */
export const readMistral: ReadArchitecture = (config, place) => {
  const settings = readConfiguration(configuration, config, place);
  const layers = alikeLayers(settings.num_hidden_layers, readRotary(config, place), settings.sliding_window);
  return decoderModel(plainDecoder('mistral', settings, layers), place);
};
