import { product } from '../../../graph/dimension.ts';
import type { GraphBuilder } from '../../../graph/builder.ts';
import type { Value } from '../../../graph/graph.ts';
import { embeddingLayer, type ForwardContext, type TextEncoder } from '../../architecture.ts';
import { layerNorm, preNormStates, type PreNormSettings } from '../pre-norm-encoder.ts';

export interface TextEncoderSettings extends PreNormSettings {
  readonly vocab_size: number;
  readonly max_position_embeddings: number;
}

export interface TextEncoderOptions extends Pick<TextEncoder, 'module' | 'input' | 'pooledWidth'> {
  /** Layers from the end whose states are passed over. */
  readonly skipped: number;
  /** Whether the states go through the encoder's last norm. */
  readonly normalised: boolean;
}

const hidden = -1e30;

/** Added to attention scores (images x 1 x positions x positions): no token looks at those after it. Padding is seen as any other. */
const causalBias = (g: GraphBuilder, module: string, positions: number): Value => {
  const values = Float32Array.from({ length: positions ** 2 }, (_, at) =>
    at % positions > Math.floor(at / positions) ? hidden : 0,
  );
  const bias = g.constant(`${module}.causal`, [1, 1, positions, positions], values);
  return g.expand(bias, ['images', 1, positions, positions]);
};

/** CLIP's text encoder as a denoiser takes it: a state for each token, and where asked for one vector of the whole text. */
export const encodeTexts = (
  context: ForwardContext,
  settings: TextEncoderSettings,
  { module, input, pooledWidth, skipped, normalised }: TextEncoderOptions,
): ReturnType<TextEncoder['encode']> => {
  const { g, weight, embedding, embedded, linear } = context;
  const { hidden_size: width, max_position_embeddings: positions, vocab_size: vocabulary } = settings;
  const rows = product(['images', positions]);
  const model = `${module}.text_model`;
  const ids = g.reshape(g.input(input, 'int64', ['images', positions]), [rows]);
  const table = embeddingLayer(`${model}.embeddings.token_embedding`, vocabulary, width);
  const words = g.reshape(embedded(embedding(table, ids)), ['images', positions, width]);
  const places = weight(`${model}.embeddings.position_embedding.weight`, [positions, width]);
  const start = g.within('embeddings', () => g.reshape(g.add(words, places), [rows, width]));
  const states = preNormStates(settings, context, `${model}.encoder`, start, {
    shape: ['images', positions],
    positions,
    bias: causalBias(g, module, positions),
    causal: true,
  });
  const norm = (x: Value): Value => layerNorm(context, settings, `${model}.final_layer_norm`, x);
  const last = norm(states.at(-1)!);
  const taken = states.at(-1 - skipped)!;
  const pooled = (): Value => {
    const ends = g.reshape(g.input('text_ends', 'float32', ['images', positions]), ['images', positions, 1]);
    const atEnd = g.sum(g.multiply(g.reshape(last, ['images', positions, width]), ends), [1]);
    const projection = { module: `${module}.text_projection`, inFeatures: width, outFeatures: pooledWidth! };
    return linear({ ...projection, bias: false }, g.reshape(atEnd, ['images', width]));
  };
  return {
    states: normalised ? (skipped === 0 ? last : norm(taken)) : taken,
    pooled: pooledWidth === null ? null : pooled(),
  };
};
