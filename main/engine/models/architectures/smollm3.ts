import { z } from 'zod';
import { invalidInput } from '../../errors.ts';
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

const configuration = z.object({
  ...decoderKeys,
  ...usually({
    vocab_size: 128_256,
    hidden_size: 2048,
    intermediate_size: 11_008,
    num_hidden_layers: 36,
    num_attention_heads: 16,
    max_position_embeddings: 32_768,
  }),
  num_key_value_heads: keyValueHeads(4),
  tie_word_embeddings: z.boolean().default(true),
  attention_bias: z.boolean().default(false),
  mlp_bias: z.boolean().default(false),
  use_sliding_window: z.boolean().default(false),
  sliding_window: count.nullish(),
  layer_types: layerTypesSchema,
  /** 1 where a layer has rotary positions, 0 where it has none. */
  no_rope_layers: z.array(z.union([z.literal(0), z.literal(1)])).nullish(),
  no_rope_layer_interval: count.default(4),
  /** Left over from another model's configuration; nothing reads it. */
  max_window_layers: z.unknown().optional(),
});

/** SmolLM3: Llama without positions in every fourth layer (NoPE); where it has windows, those are the layers that slide. */
export const readSmollm3: ReadArchitecture = (config, place) => {
  const settings = readConfiguration(configuration, config, place);
  const { attention_bias: bias, mlp_bias: feedForward, no_rope_layers: given } = settings;
  const rotary = readRotary(config, place, { theta: 2e6 });
  const window = settings.use_sliding_window ? (settings.sliding_window ?? null) : null;
  if (given && given.length < settings.num_hidden_layers)
    throw invalidInput(
      `${place}: no_rope_layers has ${given.length} entries, num_hidden_layers is ${settings.num_hidden_layers}`,
    );
  const turns = (index: number): boolean =>
    given ? given[index] === 1 : (index + 1) % settings.no_rope_layer_interval !== 0;
  const layers = mixedLayers(
    settings,
    window,
    (index) => !turns(index),
    (_, index) => (turns(index) ? rotary : null),
    place,
  );
  const plain = plainDecoder('smollm3', settings, layers);
  return decoderModel({ ...plain, biases: { qkv: bias, output: bias, feedForward } }, place);
};
