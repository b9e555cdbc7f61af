import { z } from 'zod';
import type { ReadArchitecture } from '../architecture.ts';
import { decoderModel } from '../blocks/decoder.ts';
import { readRotary, type RotaryConfiguration } from '../blocks/rotary-embedding.ts';
import { readConfiguration } from '../configuration.ts';
import { mixedLayers } from '../blocks/decoder-settings.ts';
import { gemmaDecoder, gemmaKeys, softcap } from './gemma2.ts';
import { count, usually } from '../configuration-keys.ts';

const configuration = z.object({
  ...gemmaKeys,
  ...usually({
    vocab_size: 262_208,
    hidden_size: 2304,
    intermediate_size: 9216,
    num_hidden_layers: 26,
    num_attention_heads: 8,
    max_position_embeddings: 131_072,
  }),
  final_logit_softcapping: softcap.default(null),
  /** Every so many layers one sees everything. */
  sliding_window_pattern: count.default(6),
  rope_local_base_freq: z.number().positive().default(10000),
});

/** Angles of layers with a window: a base of their own, and no scaling. */
const readLocalRotary = (
  config: Readonly<Record<string, unknown>>,
  place: string,
  base: number,
): RotaryConfiguration =>
  config['rope_parameters']
    ? readRotary(config, place, { layerType: 'sliding_attention' })
    : { theta: base, scaling: { rope_type: 'default' }, share: 1 };

/** Gemma 3 (text): normalised queries and keys, five layers with a window for each one without, other angles in them. */
export const readGemma3Text: ReadArchitecture = (config, place) => {
  const settings = readConfiguration(configuration, config, place);
  const everywhere = readRotary(config, place, { layerType: 'full_attention', theta: 1e6 });
  const local = readLocalRotary(config, place, settings.rope_local_base_freq);
  const layers = mixedLayers(
    settings,
    settings.sliding_window,
    (index) => (index + 1) % settings.sliding_window_pattern !== 0,
    (sliding) => (sliding ? local : everywhere),
    place,
  );
  return decoderModel({ ...gemmaDecoder('gemma3_text', settings, layers), queryKeyNorm: 'each-head' }, place);
};
