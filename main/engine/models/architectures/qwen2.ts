import { z } from 'zod';
import type { ReadArchitecture } from '../architecture.ts';
import { decoderModel } from '../blocks/decoder.ts';
import { readRotary } from '../blocks/rotary-embedding.ts';
import { readConfiguration } from '../configuration.ts';
import {
  decoderKeys,
  keyValueHeads,
  layerTypesSchema,
  mixedLayers,
  plainDecoder,
} from '../blocks/decoder-settings.ts';
import { count, usually } from '../configuration-keys.ts';

/** What Qwen's models have in common beside Llama's keys: how they say which layers have a window. */
export const qwenKeys = {
  ...usually({
    vocab_size: 151_936,
    hidden_size: 4096,
    intermediate_size: 22_016,
    num_hidden_layers: 32,
    num_attention_heads: 32,
    max_position_embeddings: 32_768,
  }),
  num_key_value_heads: keyValueHeads(32),
  use_sliding_window: z.boolean().default(false),
  sliding_window: count.nullish(),
  max_window_layers: z.int().min(0).default(28),
  layer_types: layerTypesSchema,
};

const configuration = z.object({ ...decoderKeys, ...qwenKeys });

type Windows = z.output<z.ZodObject<typeof qwenKeys>> & { readonly num_hidden_layers: number };

/** The last layers, from max_window_layers on, slide where windows are used at all. */
export const qwenLayers = (settings: Windows, config: Readonly<Record<string, unknown>>, place: string) => {
  const rotary = readRotary(config, place);
  const window = settings.use_sliding_window ? (settings.sliding_window ?? 4096) : null;
  return mixedLayers(
    settings,
    window,
    (index) => index >= settings.max_window_layers,
    () => rotary,
    place,
  );
};

/** Qwen 2 and 2.5: Llama with biases on q, k and v. */
export const readQwen2: ReadArchitecture = (config, place) => {
  const settings = readConfiguration(configuration, config, place);
  const plain = plainDecoder('qwen2', settings, qwenLayers(settings, config, place));
  return decoderModel({ ...plain, biases: { ...plain.biases, qkv: true } }, place);
};
