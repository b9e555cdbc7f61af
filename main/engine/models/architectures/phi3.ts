import { z } from 'zod';
import type { ReadArchitecture } from '../architecture.ts';
import { decoderModel } from '../blocks/decoder.ts';
import { readRotary } from '../blocks/rotary-embedding.ts';
import { readConfiguration } from '../configuration.ts';
import { alikeLayers, decoderKeys, plainDecoder } from '../blocks/decoder-settings.ts';
import { count, dropoutRate, epsilon, usually } from '../configuration-keys.ts';

const configuration = z.object({
  ...decoderKeys,
  ...usually({
    vocab_size: 32_064,
    hidden_size: 3072,
    intermediate_size: 8192,
    num_hidden_layers: 32,
    num_attention_heads: 32,
    max_position_embeddings: 4096,
  }),
  rms_norm_eps: epsilon.default(1e-5),
  sliding_window: count.nullish(),
  attention_bias: z.literal(false).default(false),
  embd_pdrop: dropoutRate,
  resid_pdrop: dropoutRate,
  /** Only longer contexts than this change the angles, and that form is refused by its name. */
  original_max_position_embeddings: count.optional(),
  partial_rotary_factor: z.unknown().optional(),
});

/** Phi-3 and Phi-4: Llama with q, k and v in one matrix, and gate and up in another. */
export const readPhi3: ReadArchitecture = (config, place) => {
  const settings = readConfiguration(configuration, config, place);
  const layers = alikeLayers(
    settings.num_hidden_layers,
    readRotary(config, place, { turnsPart: true }),
    settings.sliding_window ?? null,
  );
  return decoderModel({ ...plainDecoder('phi3', settings, layers), fused: true }, place);
};
