import { valueText } from '../../json-value.ts';
import { z } from 'zod';
import { genericName } from '../../data/examples/class-labels.ts';
import { invalidInput } from '../../errors.ts';
import type { Value } from '../../graph/graph.ts';
import { embeddingLayer, type ForwardContext, type LinearLayer } from '../architecture.ts';
import { activate, activationSchema } from './activations.ts';
import { attentionBias, flattenTokens, groupedAttention, shapeOfTokens, splitHeads } from './attention.ts';
import { learnedPositions } from './learned-positions.ts';
import { residual } from './residual.ts';
import { count, dropoutRate, usually } from '../configuration-keys.ts';

/** Keys that BERT and its relatives have. */
export const encoderKeys = {
  vocab_size: count,
  ...usually({
    hidden_size: 768,
    intermediate_size: 3072,
    num_hidden_layers: 12,
    num_attention_heads: 12,
    max_position_embeddings: 512,
    type_vocab_size: 2,
  }),
  layer_norm_eps: z.number().positive().default(1e-12),
  hidden_act: activationSchema.default('gelu'),
  position_embedding_type: z.literal('absolute').default('absolute'),
  is_decoder: z.literal(false).default(false),
  add_cross_attention: z.literal(false).default(false),
  problem_type: z.literal('single_label_classification').nullish(),
  num_labels: count.optional(),
  id2label: z.record(z.string(), z.unknown()).nullish(),
  tie_word_embeddings: z.unknown().optional(),
  attention_probs_dropout_prob: dropoutRate,
  hidden_dropout_prob: dropoutRate,
  classifier_dropout: dropoutRate.nullable(),
};

export type EncoderSettings = z.output<z.ZodObject<typeof encoderKeys>>;

/** transformers has two classes where a configuration names none. */
export const classesOf = ({ id2label, num_labels: labels }: EncoderSettings): number =>
  id2label ? Object.keys(id2label).length : (labels ?? 2);

/** The names that config.json gives the classes; null where they are numbers in disguise. */
export const classNamesOf = ({ id2label }: EncoderSettings): readonly string[] | null => {
  const names = Object.entries(id2label ?? {})
    .toSorted(([a], [b]) => Number(a) - Number(b))
    .map(([, name]) => valueText(name));
  return names.every((name, id) => name === genericName(id)) ? null : names;
};

export interface EncoderOptions {
  /** Before the names of all weights: 'bert'. */
  readonly prefix: string;
  /** Rows of the table of positions that stand for none. */
  readonly skippedPositions: number;
  /** Whether the second text of a pair has a token type of its own; otherwise all tokens are of the first type. */
  readonly tellsPairsApart: boolean;
}

/** @throws invalid-input where sizes do not divide; `place` is the path of the config.json */
export const checkEncoder = (settings: EncoderSettings, place: string): void => {
  const { hidden_size: width, num_attention_heads: heads } = settings;
  if (classesOf(settings) < 2)
    throw invalidInput(`${place}: num_labels is ${classesOf(settings)}; classes are two at least`);
  if (width % heads !== 0)
    throw invalidInput(`${place}: hidden_size ${width} does not divide into ${heads} heads`);
};

/** With a bias, as all of an encoder's layers are. */
export const biased = (module: string, inFeatures: number, outFeatures: number): LinearLayer => ({
  module,
  outFeatures,
  inFeatures,
  bias: true,
});

/** Hidden states (batch * sequence x width) of an encoder that sees the whole row, norms after each part (Devlin et al., arXiv 1810.04805). */
export const encode = (
  settings: EncoderSettings,
  context: ForwardContext,
  { prefix, skippedPositions, tellsPairsApart }: EncoderOptions,
): Value => {
  const { g, tokens, embedding, embedded, weight, linear } = context;
  const { hidden_size: width, intermediate_size: size, num_attention_heads: heads } = settings;
  const normalise = (name: string, x: Value): Value =>
    g.within('norm', () =>
      g.layerNorm(
        x,
        weight(`${name}.LayerNorm.weight`, [width]),
        weight(`${name}.LayerNorm.bias`, [width]),
        settings.layer_norm_eps,
      ),
    );
  const embeddings = `${prefix}.embeddings`;
  const table = embeddingLayer(`${embeddings}.word_embeddings`, settings.vocab_size, width);
  const words = embedded(embedding(table, flattenTokens(g, tokens.inputIds)));
  const places = learnedPositions(context, `${embeddings}.position_embeddings`, {
    rows: settings.max_position_embeddings,
    width,
    skipped: skippedPositions,
  });
  const types = weight(`${embeddings}.token_type_embeddings.weight`, [settings.type_vocab_size, width]);
  const ofTokens = tellsPairsApart
    ? g.gatherRows(types, flattenTokens(g, tokens.tokenTypes))
    : g.slice(types, 0, 0, 1);
  const sum = g.within('embeddings', () => g.add(g.add(words, ofTokens), places));
  const bias = attentionBias(context, { causal: false, window: null });
  let x = g.mark(normalise(embeddings, sum), 'boundary');
  for (let layer = 0; layer < settings.num_hidden_layers; layer++) {
    const name = `${prefix}.encoder.layer.${layer}`;
    const project = (part: string): Value =>
      splitHeads(
        g,
        shapeOfTokens(tokens),
        linear(biased(`${name}.attention.self.${part}`, width, width), x),
        {
          heads,
          width: width / heads,
        },
      );
    const mixed = groupedAttention(context, [project('query'), project('key'), project('value')], {
      bias,
      scale: 1 / Math.sqrt(width / heads),
      causal: false,
      softcap: null,
    });
    const output = linear(biased(`${name}.attention.output.dense`, width, width), mixed);
    const attended = g.mark(normalise(`${name}.attention.output`, residual(g, output, x)), 'costly');
    const wide = linear(biased(`${name}.intermediate.dense`, width, size), attended);
    const fed = linear(biased(`${name}.output.dense`, size, width), activate(g, settings.hidden_act, wide));
    x = g.mark(normalise(`${name}.output`, residual(g, fed, attended)), 'boundary');
  }
  return x;
};

/** 0, 1, 2, … as a tensor. */
export const positionIds = /(^|\.)embeddings\.position_ids$/;

/** BERT's first files have other names for the parts of a norm; those of an encoder alone have no prefix. */
export const olderNames =
  (prefix: string) =>
  (name: string): string[] => {
    const older = name
      .replace('LayerNorm.weight', 'LayerNorm.gamma')
      .replace('LayerNorm.bias', 'LayerNorm.beta');
    const bare = (one: string): string => (one.startsWith(`${prefix}.`) ? one.slice(prefix.length + 1) : one);
    return [older, bare(name), bare(older)];
  };
