import { z } from 'zod';
import type { ReadArchitecture } from '../architecture.ts';
import { decoderModel } from '../blocks/decoder.ts';
import { readRotary } from '../blocks/rotary-embedding.ts';
import { readConfiguration } from '../configuration.ts';
import { alikeLayers, count, decoderKeys, keyValueHeads, plainDecoder } from '../blocks/decoder-settings.ts';

/** transformers has a window of 4096 where the key is missing, and none where it is null. */
const configuration = z.object({
  ...decoderKeys,
  num_key_value_heads: keyValueHeads(8),
  sliding_window: count.nullable().default(4096),
});

/** Mistral 7B and its relatives: Llama with a window of attention. */
export const readMistral: ReadArchitecture = (config, place) => {
  const settings = readConfiguration(configuration, config, place);
  const layers = alikeLayers(settings.num_hidden_layers, readRotary(config, place), settings.sliding_window);
  return decoderModel(plainDecoder('mistral', settings, layers), place);
};
