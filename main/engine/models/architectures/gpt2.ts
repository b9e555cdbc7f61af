import { z } from 'zod';
import { invalidInput } from '../../errors.ts';
import type { Value } from '../../graph/graph.ts';
import {
  embeddingLayer,
  weightName,
  type ForwardContext,
  type ForwardResult,
  type LinearLayer,
  type ReadArchitecture,
} from '../architecture.ts';
import { activate, activationSchema } from '../blocks/activations.ts';
import {
  attentionBias,
  flattenTokens,
  groupedAttention,
  shapeOfTokens,
  splitHeads,
} from '../blocks/attention.ts';
import { learnedPositions } from '../blocks/learned-positions.ts';
import { residual } from '../blocks/residual.ts';
import { readConfiguration } from '../configuration.ts';
import { count, dropoutRate, usually } from '../configuration-keys.ts';

const configuration = z.object({
  ...usually({ vocab_size: 50_257, n_positions: 1024, n_embd: 768, n_layer: 12, n_head: 12 }),
  n_ctx: count.optional(),
  n_inner: count.nullish(),
  activation_function: activationSchema.default('gelu_new'),
  layer_norm_epsilon: z.number().positive().default(1e-5),
  tie_word_embeddings: z.boolean().default(true),
  scale_attn_weights: z.boolean().default(true),
  scale_attn_by_inverse_layer_idx: z.boolean().default(false),
  /** Changes how scores are rounded in half precision only. */
  reorder_and_upcast_attn: z.boolean().optional(),
  attn_pdrop: dropoutRate,
  embd_pdrop: dropoutRate,
  resid_pdrop: dropoutRate,
  // Of a classification head that a language model does not have.
  summary_activation: z.unknown().optional(),
  summary_first_dropout: z.unknown().optional(),
  summary_proj_to_labels: z.unknown().optional(),
  summary_type: z.unknown().optional(),
  summary_use_proj: z.unknown().optional(),
});

type Settings = z.output<typeof configuration>;

const prefix = 'transformer.';

/** GPT-2 and its distilled and enlarged forms: learned positions, layer norms, one matrix for q, k and v, weights stored (in x out). */
export const readGpt2: ReadArchitecture = (config, place) => {
  const settings = readConfiguration(configuration, config, place);
  const { n_embd: hiddenSize, n_head: heads } = settings;
  if (hiddenSize % heads !== 0)
    throw invalidInput(`${place}: n_embd ${hiddenSize} does not divide into ${heads} heads`);
  return {
    name: 'gpt2',
    layers: settings.n_layer,
    hiddenSize,
    vocabularySize: settings.vocab_size,
    objective: 'next-token',
    outputs: settings.vocab_size,
    maximumPositions: settings.n_positions,
    forward: (context) => forward(settings, context),
    // The Hub's own files leave the prefix out.
    otherNames: (name) => (name.startsWith(prefix) ? [name.slice(prefix.length)] : []),
    // The causal mask, and the number behind it.
    idleTensors: [/^(transformer\.)?h\.\d+\.attn\.(bias|masked_bias)$/],
  };
};

const forward = (settings: Settings, context: ForwardContext): ForwardResult => {
  const { g, tokens, embedding, embedded, weight, linear, isFrozen, frozenWeight } = context;
  const { n_embd: width, vocab_size: vocabulary, n_positions: rows } = settings;
  const embeddings = embeddingLayer(`${prefix}wte`, vocabulary, width);
  const words = embedded(embedding(embeddings, flattenTokens(g, tokens.inputIds)));
  const places = learnedPositions(context, `${prefix}wpe`, { rows, width });
  const bias = attentionBias(context, { causal: true, window: null });
  const normalise = (name: string, x: Value): Value =>
    g.within('norm', () =>
      g.layerNorm(
        x,
        weight(`${name}.weight`, [width]),
        weight(`${name}.bias`, [width]),
        settings.layer_norm_epsilon,
      ),
    );
  let x = g.mark(
    g.within('embeddings', () => g.add(words, places)),
    'boundary',
  );
  for (let layer = 0; layer < settings.n_layer; layer++) {
    const name = `${prefix}h.${layer}`;
    const mixed = attention(settings, context, { layer, name, x: normalise(`${name}.ln_1`, x), bias });
    const attended = g.mark(residual(g, x, mixed), 'costly');
    const fed = feedForward(settings, context, `${name}.mlp`, normalise(`${name}.ln_2`, attended));
    x = g.mark(residual(g, attended, fed), 'boundary');
  }
  const head: LinearLayer = {
    module: 'lm_head',
    outFeatures: vocabulary,
    inFeatures: width,
    bias: false,
    role: 'head',
    ...(settings.tie_word_embeddings ? { weight: weightName(embeddings) } : {}),
  };
  const held = frozenWeight(head);
  return {
    hidden: normalise(`${prefix}ln_f`, x),
    head: {
      frozen: isFrozen(head),
      ...(held && { scores: { ...held, softcap: null } }),
      logits: (rows) => linear(head, rows),
    },
  };
};

const conv1d = (module: string, inFeatures: number, outFeatures: number): LinearLayer => ({
  module,
  outFeatures,
  inFeatures,
  bias: true,
  stored: 'in-out',
});

const attention = (
  { n_embd: width, n_head: heads, ...settings }: Settings,
  context: ForwardContext,
  { layer, name, x, bias }: { layer: number; name: string; x: Value; bias: Value },
): Value => {
  const { g, tokens, linear } = context;
  const joined = linear(conv1d(`${name}.attn.c_attn`, width, 3 * width), x);
  const [q, k, v] = [0, 1, 2].map((part) =>
    g.within('heads', () =>
      splitHeads(g, shapeOfTokens(tokens), g.slice(joined, 1, part * width, (part + 1) * width), {
        heads,
        width: width / heads,
      }),
    ),
  ) as [Value, Value, Value];
  const byWidth = settings.scale_attn_weights ? 1 / Math.sqrt(width / heads) : 1;
  const scale = settings.scale_attn_by_inverse_layer_idx ? byWidth / (layer + 1) : byWidth;
  const mixed = groupedAttention(context, [q, k, v], { bias, scale, causal: true, softcap: null });
  return linear(conv1d(`${name}.attn.c_proj`, width, width), mixed);
};

const feedForward = (
  { n_embd: width, n_inner: inner, activation_function: activation }: Settings,
  { g, linear }: ForwardContext,
  name: string,
  x: Value,
): Value => {
  const size = inner ?? 4 * width;
  const wide = activate(g, activation, linear(conv1d(`${name}.c_fc`, width, size), x));
  return linear(conv1d(`${name}.c_proj`, size, width), wide);
};
