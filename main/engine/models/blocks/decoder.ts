import { limitText } from '../../limit-text.ts';
import { invalidInput } from '../../errors.ts';
import type { Value } from '../../graph/graph.ts';
import {
  embeddingLayer,
  weightName,
  type ForwardContext,
  type ForwardResult,
  type LinearLayer,
  type ModelArchitecture,
  type OutputHead,
} from '../architecture.ts';
import { gatedBy, type ActivationName } from './activations.ts';
import { attentionBias, flattenTokens, groupedAttention, shapeOfTokens, splitHeads } from './attention.ts';
import { residual } from './residual.ts';
import {
  applyRotary,
  rotaryTables,
  turnedWidth,
  type RotaryConfiguration,
  type RotaryTables,
} from './rotary-embedding.ts';

/** Tables of angles are as wide, and made before a weight is looked at. Published heads have up to 512. */
const widestHead = 16_384;

/**
 * A decoder of the family that Llama began: RMS norms, rotary positions, grouped attention and a gated feed-forward. What its
 * members differ in is data; names of weights are those of the files.
 */
export interface DecoderDescription {
  /** `model_type` of config.json. */
  readonly name: string;
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  /** Numbers of one attention head. */
  readonly width: number;
  readonly vocabularySize: number;
  readonly maximumPositions: number;
  readonly epsilon: number;
  readonly tiedHead: boolean;
  readonly activation: ActivationName;
  /** One for each layer. */
  readonly layers: readonly DecoderLayer[];
  /** Whether q, k and v, and o, have a bias; whether the feed-forward has. */
  readonly biases: { readonly qkv: boolean; readonly output: boolean; readonly feedForward: boolean };
  /** Whether one matrix holds q, k and v (`qkv_proj`), and one gate and up (`gate_up_proj`). */
  readonly fused: boolean;
  /** RMS norms of queries and keys (`q_norm`, `k_norm`): of each head by itself, or of all heads together; null: none. */
  readonly queryKeyNorm: 'each-head' | 'all-heads' | null;
  readonly norms: DecoderNorms;
  /** What a norm multiplies by is its weight plus this (Gemma: 1). */
  readonly normOffset: number;
  /** Of the attention scores; 1 / sqrt(width) where null. */
  readonly attentionScale: number | null;
  readonly attentionSoftcap: number | null;
  readonly logitSoftcap: number | null;
  /** What embeddings are multiplied by. */
  readonly embeddingScale: number;
}

export interface DecoderLayer {
  /** null: no positions at all (NoPE). */
  readonly rotary: RotaryConfiguration | null;
  /** Keys that a query sees, itself included; null: all before it. */
  readonly window: number | null;
}

/** Names of the norms of what goes into each part of a layer and of what comes out; null where there is none. */
export interface DecoderNorms {
  readonly beforeAttention: string | null;
  readonly afterAttention: string | null;
  readonly beforeFeedForward: string | null;
  readonly afterFeedForward: string | null;
}

/** @throws invalid-input where sizes do not divide; `place` is the path of the config.json */
export const decoderModel = (decoder: DecoderDescription, place: string): ModelArchitecture => {
  const { heads, keyValueHeads, width, hiddenSize } = decoder;
  if (!Number.isInteger(width) || width % 2 !== 0)
    throw invalidInput(
      `${place}: hidden_size ${hiddenSize} does not divide into ${heads} heads of even width`,
    );
  if (width > widestHead)
    throw invalidInput(`${place}: heads of ${width} numbers; ${limitText(widestHead)} can be read`);
  if (heads % keyValueHeads !== 0)
    throw invalidInput(
      `${place}: num_attention_heads ${heads} is no multiple of num_key_value_heads ${keyValueHeads}`,
    );
  for (const { rotary } of decoder.layers)
    if (rotary && turnedWidth(rotary, width) % 2 !== 0)
      throw invalidInput(
        `${place}: partial_rotary_factor ${rotary.share} turns ${turnedWidth(rotary, width)} of a head's ${width} numbers, which is odd`,
      );
  return {
    name: decoder.name,
    layers: decoder.layers.length,
    hiddenSize,
    vocabularySize: decoder.vocabularySize,
    objective: 'next-token',
    outputs: decoder.vocabularySize,
    maximumPositions: decoder.maximumPositions,
    forward: (context) => forward(decoder, context),
  };
};

const forward = (decoder: DecoderDescription, context: ForwardContext): ForwardResult => {
  const { g, tokens, embedding, embedded } = context;
  const { norms, hiddenSize, vocabularySize } = decoder;
  const embeddings = embeddingLayer('model.embed_tokens', vocabularySize, hiddenSize);
  const rows = embedding(embeddings, flattenTokens(g, tokens.inputIds));
  const scaled = decoder.embeddingScale === 1 ? rows : g.multiply(rows, decoder.embeddingScale);
  const surroundings = sharedByLayers(decoder, context);
  const normalise = normaliser(decoder, context);
  let x = g.mark(embedded(scaled), 'boundary');
  for (const [index, layer] of decoder.layers.entries()) {
    const prefix = `model.layers.${index}`;
    const norm = (name: string | null, value: Value): Value =>
      name === null ? value : normalise(`${prefix}.${name}`, value);
    const mixed = attention(decoder, context, {
      prefix: `${prefix}.self_attn`,
      x: norm(norms.beforeAttention, x),
      ...surroundings(layer),
    });
    const attended = g.mark(residual(g, x, norm(norms.afterAttention, mixed)), 'costly');
    const fed = feedForward(decoder, context, `${prefix}.mlp`, norm(norms.beforeFeedForward, attended));
    x = g.mark(residual(g, attended, norm(norms.afterFeedForward, fed)), 'boundary');
  }
  return { hidden: normalise('model.norm', x), head: outputHead(decoder, context, embeddings) };
};

/** With the embeddings' weight where it is tied to them. */
const outputHead = (
  { tiedHead, logitSoftcap, vocabularySize, hiddenSize }: DecoderDescription,
  { g, linear, isFrozen, frozenWeight }: ForwardContext,
  embeddings: LinearLayer,
): OutputHead => {
  const layer: LinearLayer = {
    module: 'lm_head',
    outFeatures: vocabularySize,
    inFeatures: hiddenSize,
    bias: false,
    role: 'head',
    ...(tiedHead ? { weight: weightName(embeddings) } : {}),
  };
  const held = frozenWeight(layer);
  return {
    frozen: isFrozen(layer),
    ...(held && { scores: { ...held, softcap: logitSoftcap } }),
    logits: (rows) => {
      const scores = linear(layer, rows);
      return logitSoftcap === null
        ? scores
        : g.multiply(g.tanh(g.multiply(scores, 1 / logitSoftcap)), logitSoftcap);
    },
  };
};

const normaliser =
  ({ hiddenSize, epsilon, normOffset }: DecoderDescription, { g, weight }: ForwardContext) =>
  (name: string, x: Value, size = hiddenSize): Value => {
    const stored = weight(`${name}.weight`, [size]);
    return g.within('norm', () =>
      g.rmsNorm(x, normOffset === 0 ? stored : g.add(stored, normOffset), epsilon),
    );
  };

interface Surroundings {
  readonly bias: Value;
  readonly tables: RotaryTables | null;
}

/** Biases and tables of angles, each made once however many layers use it. */
const sharedByLayers = (
  { width }: DecoderDescription,
  context: ForwardContext,
): ((layer: DecoderLayer) => Surroundings) => {
  const { g, positions } = context;
  const biases = new Map<number | null, Value>();
  const tables = new Map<string, RotaryTables>();
  return ({ rotary, window }) => {
    const bias = biases.get(window) ?? attentionBias(context, { causal: true, window });
    biases.set(window, bias);
    if (rotary === null) return { bias, tables: null };
    const key = JSON.stringify(rotary);
    const angles = tables.get(key) ?? rotaryTables(g, rotary, { positions, width, number: tables.size });
    tables.set(key, angles);
    return { bias, tables: angles };
  };
};

interface AttentionInput extends Surroundings {
  readonly prefix: string;
  readonly x: Value;
}

const attention = (
  decoder: DecoderDescription,
  context: ForwardContext,
  { prefix, x, bias, tables }: AttentionInput,
): Value => {
  const { g, tokens, linear, linearColumns } = context;
  const { hiddenSize, heads, keyValueHeads, width, biases, queryKeyNorm } = decoder;
  const normalise = normaliser(decoder, context);
  const layer = (name: string, outFeatures: number): LinearLayer => ({
    module: `${prefix}.${name}`,
    ...{ outFeatures, inFeatures: hiddenSize, bias: biases.qkv },
  });
  const [queryWidth, keyWidth] = [heads * width, keyValueHeads * width];
  const [queries, keys, values] = (
    decoder.fused
      ? linearColumns(layer('qkv_proj', queryWidth + 2 * keyWidth), x, [queryWidth, keyWidth, keyWidth])
      : [layer('q_proj', queryWidth), layer('k_proj', keyWidth), layer('v_proj', keyWidth)].map((one) =>
          linear(one, x),
        )
  ) as [Value, Value, Value];
  const together = (x: Value, norm: string, size: number): Value =>
    queryKeyNorm === 'all-heads' ? normalise(`${prefix}.${norm}`, x, size) : x;
  const split = (x: Value, heads: number): Value => splitHeads(g, shapeOfTokens(tokens), x, { heads, width });
  const [q, k, v] = [
    split(together(queries, 'q_norm', queryWidth), heads),
    split(together(keys, 'k_norm', keyWidth), keyValueHeads),
    split(values, keyValueHeads),
  ] as const;
  const placed = (heads: Value, norm: string): Value => {
    const normed = queryKeyNorm === 'each-head' ? normalise(`${prefix}.${norm}`, heads, width) : heads;
    return tables === null ? normed : applyRotary(g, normed, tokens.positionIds, tables);
  };
  const mixed = groupedAttention(context, [placed(q, 'q_norm'), placed(k, 'k_norm'), v], {
    bias,
    scale: decoder.attentionScale ?? 1 / Math.sqrt(width),
    causal: true,
    softcap: decoder.attentionSoftcap,
  });
  return linear(
    {
      module: `${prefix}.o_proj`,
      outFeatures: hiddenSize,
      inFeatures: queryWidth,
      bias: biases.output,
    },
    mixed,
  );
};

const feedForward = (
  { hiddenSize, intermediateSize: size, biases, activation, fused }: DecoderDescription,
  context: ForwardContext,
  prefix: string,
  x: Value,
): Value => {
  const { g, linear, linearColumns } = context;
  const up = (name: string, outFeatures: number): LinearLayer => ({
    module: `${prefix}.${name}`,
    ...{ outFeatures, inFeatures: hiddenSize, bias: biases.feedForward },
  });
  const [gate, value] = (
    fused
      ? linearColumns(up('gate_up_proj', 2 * size), x, [size, size])
      : [up('gate_proj', size), up('up_proj', size)].map((one) => linear(one, x))
  ) as [Value, Value];
  const gated = gatedBy(g, activation, gate, value);
  return linear(
    {
      module: `${prefix}.down_proj`,
      outFeatures: hiddenSize,
      inFeatures: size,
      bias: biases.feedForward,
    },
    gated,
  );
};
