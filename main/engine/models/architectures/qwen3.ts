import { z } from 'zod';
import type { ReadArchitecture } from '../architecture.ts';
import { decoderModel } from '../blocks/decoder.ts';
import { readConfiguration } from '../configuration.ts';
import { decoderKeys, plainDecoder } from '../blocks/decoder-settings.ts';
import { qwenKeys, qwenLayers } from './qwen2.ts';
import { count } from '../configuration-keys.ts';

const configuration = z.object({
  ...decoderKeys,
  ...qwenKeys,
  // transformers' own where the key is missing.
  head_dim: count.default(128),
  attention_bias: z.boolean().default(false),
});

/** Qwen 3: each head's query and key normalised before they are turned. */
export const readQwen3: ReadArchitecture = (config, place) => {
  const settings = readConfiguration(configuration, config, place);
  const { attention_bias: bias } = settings;
  const plain = plainDecoder('qwen3', settings, qwenLayers(settings, config, place));
  return decoderModel(
    { ...plain, queryKeyNorm: 'each-head', biases: { qkv: bias, output: bias, feedForward: false } },
    place,
  );
};
