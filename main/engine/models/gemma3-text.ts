import { z } from 'zod';
import type { ReadArchitecture } from './architecture.ts';
import { decoderModel } from './blocks/decoder.ts';
import { readRotary, type RotaryConfiguration } from './blocks/rotary-embedding.ts';
import { readConfiguration } from './configuration.ts';
import { count, mixedLayers } from './decoder-settings.ts';
import { gemmaDecoder, gemmaKeys } from './gemma2.ts';

const configuration = z.object({
  ...gemmaKeys,
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
    ? readRotary(config, place, 'sliding_attention')
    : { theta: base, scaling: { rope_type: 'default' }, share: 1 };

/** Gemma 3 (text): normalised queries and keys, five layers with a window for each one without, other angles in them. */
export const readGemma3Text: ReadArchitecture = (config, place) => {
  const settings = readConfiguration(configuration, { rope_theta: 1e6, ...config }, place);
  const everywhere = readRotary({ rope_theta: 1e6, ...config }, place, 'full_attention');
  const local = readLocalRotary(config, place, settings.rope_local_base_freq);
  const layers = mixedLayers(
    settings.num_hidden_layers,
    settings.layer_types,
    (index) => (index + 1) % settings.sliding_window_pattern !== 0,
    (sliding) =>
      sliding ? { rotary: local, window: settings.sliding_window } : { rotary: everywhere, window: null },
  );
  return decoderModel({ ...gemmaDecoder('gemma3_text', settings, layers), queryKeyNorm: true }, place);
};
