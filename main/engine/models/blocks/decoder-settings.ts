import { z } from 'zod';
import { invalidInput } from '../../errors.ts';
import type { RotaryConfiguration } from './rotary-embedding.ts';
import type { DecoderDescription, DecoderLayer } from './decoder.ts';
import { count, dropoutRate, epsilon, layerCount } from '../configuration-keys.ts';

/** Heads that share keys and values; as many as there are where null, and transformers' own number where the key is missing. */
export const keyValueHeads = (usual: number) => count.nullable().default(usual);

/** Keys that all decoders of Llama's family have. */
export const decoderKeys = {
  hidden_size: count,
  intermediate_size: count,
  num_hidden_layers: layerCount,
  num_attention_heads: count,
  num_key_value_heads: count.nullish(),
  head_dim: count.nullish(),
  vocab_size: count,
  max_position_embeddings: count,
  rms_norm_eps: epsilon.default(1e-6),
  tie_word_embeddings: z.boolean().default(false),
  hidden_act: z.literal('silu').default('silu'),
  attention_dropout: dropoutRate,
  rope_interleaved: z.literal(false).default(false),
  rope_parameters: z.unknown().optional(),
  rope_theta: z.unknown().optional(),
  rope_scaling: z.unknown().optional(),
};

type DecoderKeys = z.output<z.ZodObject<typeof decoderKeys>>;

/** What a Llama is; its relatives differ in a line or two. */
export const plainDecoder = (
  name: string,
  settings: Omit<DecoderKeys, 'hidden_act'>,
  layers: readonly DecoderLayer[],
): DecoderDescription => ({
  name,
  hiddenSize: settings.hidden_size,
  intermediateSize: settings.intermediate_size,
  heads: settings.num_attention_heads,
  keyValueHeads: settings.num_key_value_heads ?? settings.num_attention_heads,
  width: settings.head_dim ?? settings.hidden_size / settings.num_attention_heads,
  vocabularySize: settings.vocab_size,
  maximumPositions: settings.max_position_embeddings,
  epsilon: settings.rms_norm_eps,
  tiedHead: settings.tie_word_embeddings,
  activation: 'silu',
  layers,
  biases: { qkv: false, output: false, feedForward: false },
  fused: false,
  queryKeyNorm: null,
  norms: {
    beforeAttention: 'input_layernorm',
    afterAttention: null,
    beforeFeedForward: 'post_attention_layernorm',
    afterFeedForward: null,
  },
  normOffset: 0,
  attentionScale: null,
  attentionSoftcap: null,
  logitSoftcap: null,
  embeddingScale: 1,
});

export const layerTypesSchema = z.array(z.enum(['full_attention', 'sliding_attention'])).nullish();

/** Every layer alike. */
export const alikeLayers = (
  layers: number,
  rotary: RotaryConfiguration,
  window: number | null = null,
): DecoderLayer[] => Array.from({ length: layers }, () => ({ rotary, window }));

export interface MixedLayers {
  readonly num_hidden_layers: number;
  readonly layer_types?: z.output<typeof layerTypesSchema>;
}

/**
 * Layers that slide where `isSliding` says so, or `layer_types` where a configuration has it.
 * @param window of the layers that slide; null where a configuration has windows switched off
 */
export const mixedLayers = (
  { num_hidden_layers: layers, layer_types: types }: MixedLayers,
  window: number | null,
  isSliding: (index: number) => boolean,
  rotary: (sliding: boolean, index: number) => RotaryConfiguration | null,
  place: string,
): DecoderLayer[] => {
  if (types && types.length !== layers)
    throw invalidInput(`${place}: layer_types has ${types.length} entries, num_hidden_layers is ${layers}`);
  if (types?.includes('sliding_attention') && window === null)
    throw invalidInput(`${place}: layer_types names sliding_attention, but no sliding_window is in use`);
  return Array.from({ length: layers }, (_, index) => {
    const sliding = types ? types[index] === 'sliding_attention' : window !== null && isSliding(index);
    return { rotary: rotary(sliding, index), window: sliding ? window : null };
  });
};
