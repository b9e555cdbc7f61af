import { z } from 'zod';
import type { ReadArchitecture } from './architecture.ts';
import { decoderModel } from './blocks/decoder.ts';
import { readRotary } from './blocks/rotary-embedding.ts';
import { readConfiguration } from './configuration.ts';
import { count, decoderKeys, layerTypesSchema, mixedLayers, plainDecoder } from './decoder-settings.ts';

const configuration = z.object({
  ...decoderKeys,
  attention_bias: z.boolean().default(false),
  mlp_bias: z.boolean().default(false),
  use_sliding_window: z.boolean().default(false),
  sliding_window: count.nullish(),
  layer_types: layerTypesSchema,
  /** 1 where a layer has rotary positions, 0 where it has none. */
  no_rope_layers: z.array(z.union([z.literal(0), z.literal(1)])).nullish(),
  no_rope_layer_interval: count.default(4),
});

/** SmolLM3: Llama without positions in every fourth layer (NoPE). */
export const readSmollm3: ReadArchitecture = (config, place) => {
  const settings = readConfiguration(configuration, config, place);
  const { attention_bias: bias, mlp_bias: feedForward, no_rope_layers: given } = settings;
  const rotary = readRotary({ rope_theta: 2e6, ...config }, place);
  const window = settings.use_sliding_window ? (settings.sliding_window ?? null) : null;
  const turns = (index: number): boolean =>
    given ? given[index] === 1 : (index + 1) % settings.no_rope_layer_interval !== 0;
  const layers = mixedLayers(
    settings.num_hidden_layers,
    settings.layer_types,
    (index) => window !== null && turns(index),
    (sliding, index) => ({ rotary: turns(index) ? rotary : null, window: sliding ? window : null }),
  );
  const plain = plainDecoder('smollm3', settings, layers);
  return decoderModel({ ...plain, biases: { qkv: bias, output: bias, feedForward } }, place);
};
