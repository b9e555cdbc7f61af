import { z } from 'zod';
import { invalidInput } from '../../errors.ts';
import type { Value } from '../../graph/graph.ts';
import {
  embeddingLayer,
  type ForwardContext,
  type LinearLayer,
  type PictureTower,
  type ReadArchitecture,
  type TextTower,
  type Towers,
} from '../architecture.ts';
import { activationSchema } from '../blocks/activations.ts';
import { attentionBias, flattenTokens, shapeOfTokens } from '../blocks/attention.ts';
import { positionIds } from '../blocks/encoder.ts';
import { learnedPositions } from '../blocks/learned-positions.ts';
import { checkPatches, patchEmbedding, patchesAcross } from '../blocks/patch-embedding.ts';
import { encodePreNorm, layerNorm } from '../blocks/pre-norm-encoder.ts';
import { checkHeads, readPart } from '../blocks/tower-settings.ts';
import { compareTowers } from '../blocks/two-towers.ts';
import { readConfiguration } from '../configuration.ts';
import { dropoutRate, usually } from '../configuration-keys.ts';

/** How weights would be drawn for training from scratch; and a tower's own projection, which only models of one tower have. */
const idle = {
  initializer_factor: z.number().nullish(),
  projection_dim: z.number().nullish(),
  attention_dropout: dropoutRate.nullable(),
  dropout: dropoutRate,
  tie_word_embeddings: z.unknown().optional(),
};

const towerKeys = {
  ...idle,
  hidden_act: activationSchema.default('quick_gelu'),
  layer_norm_eps: z.number().positive().default(1e-5),
};

/** Of a text encoder, with what transformers takes for keys that are left out. */
export const textKeys = z.object({
  ...towerKeys,
  ...usually({
    vocab_size: 49_408,
    hidden_size: 512,
    intermediate_size: 2048,
    num_hidden_layers: 12,
    num_attention_heads: 8,
    max_position_embeddings: 77,
  }),
  eos_token_id: z.int().min(0).default(49_407),
});
export type TextSettings = z.output<typeof textKeys>;

const visionKeys = z.object({
  ...towerKeys,
  ...usually({
    hidden_size: 768,
    intermediate_size: 3072,
    num_hidden_layers: 12,
    num_attention_heads: 12,
    image_size: 224,
    patch_size: 32,
  }),
  num_channels: z.literal(3).default(3),
});
type VisionSettings = z.output<typeof visionKeys>;

const clipKeys = z.object({
  text_config: z.unknown().optional(),
  text_config_dict: z.unknown().optional(),
  vision_config: z.unknown().optional(),
  vision_config_dict: z.unknown().optional(),
  ...usually({ projection_dim: 512 }),
  initializer_factor: z.number().nullish(),
  logit_scale_init_value: z.number().nullish(),
  tie_word_embeddings: z.unknown().optional(),
});

const projection = (module: string, inFeatures: number, outFeatures: number): LinearLayer => ({
  module,
  outFeatures,
  inFeatures,
  bias: false,
});

const pictureTower = (settings: VisionSettings, width: number): PictureTower => {
  const { hidden_size: hidden, image_size: size, num_channels: channels } = settings;
  const positions = patchesAcross(settings) ** 2 + 1;
  const shape = [channels, size, size];
  return {
    input: { name: 'pixels', shape },
    positions,
    embed: (context) => {
      const { g, weight, linear } = context;
      const pixels = g.input('pixels', 'float32', ['images', ...shape]);
      const embeddings = 'vision_model.embeddings';
      const patches = patchEmbedding(
        context,
        settings,
        { module: `${embeddings}.patch_embedding`, bias: false },
        pixels,
      );
      const ofClass = g.reshape(weight(`${embeddings}.class_embedding`, [hidden]), [1, 1, hidden]);
      const rows = g.within('embeddings', () => {
        const joined = g.concatenate([g.expand(ofClass, ['images', 1, hidden]), patches], 1);
        const places = weight(`${embeddings}.position_embedding.weight`, [positions, hidden]);
        return g.reshape(g.add(joined, places), [`${positions}*images`, hidden]);
      });
      const start = layerNorm(context, settings, 'vision_model.pre_layrnorm', rows);
      const encoded = encodePreNorm(settings, context, 'vision_model.encoder', start, {
        shape: ['images', positions],
        positions,
        bias: null,
        causal: false,
        pooled: {
          pick: (x) =>
            g.reshape(g.slice(g.reshape(x, ['images', positions, hidden]), 1, 0, 1), ['images', hidden]),
          bias: null,
        },
      });
      const normalised = layerNorm(context, settings, 'vision_model.post_layernorm', encoded);
      return linear(projection('visual_projection', hidden, width), normalised);
    },
  };
};

/** What eos_token_id was in files from before transformers 4.31, whatever the tokenizer's end of a text is. */
const olderEnd = 2;

/** The place of the token whose state stands for a text. */
export const endOfText =
  ({ eos_token_id: end }: TextSettings): TextTower['endOf'] =>
  (ids) => {
    if (end === olderEnd) return ids.indexOf(ids.reduce((a, b) => Math.max(a, b), -1));
    const at = ids.indexOf(end);
    if (at >= 0) return at;
    throw invalidInput(
      `a text of ${ids.length} tokens has no end: token ${end}, the model's eos_token_id, is not among them`,
    );
  };

const textTower = (settings: TextSettings, width: number): TextTower => {
  const { hidden_size: hidden, vocab_size: vocabulary, max_position_embeddings: rows } = settings;
  const embedTokens = (context: ForwardContext): Value => {
    const { g, tokens, embedding, embedded } = context;
    const table = embeddingLayer('text_model.embeddings.token_embedding', vocabulary, hidden);
    const words = embedded(embedding(table, flattenTokens(g, tokens.inputIds)));
    const places = learnedPositions(context, 'text_model.embeddings.position_embedding', {
      rows,
      width: hidden,
    });
    return g.within('embeddings', () => g.add(words, places));
  };
  return {
    length: null,
    input: null,
    endOf: endOfText(settings),
    embed: (context) => {
      const { g, tokens, linear } = context;
      const [batch, sequence] = shapeOfTokens(tokens);
      const bias = attentionBias(context, { causal: true, window: null });
      const ends = g.input('text_ends', 'int64', ['batch']);
      const pick = (rows: Value): Value => g.gatherRows(rows, ends);
      const encoded = encodePreNorm(settings, context, 'text_model.encoder', embedTokens(context), {
        shape: [batch, sequence],
        positions: context.positions,
        bias,
        causal: true,
        pooled: {
          pick,
          bias: g.reshape(pick(flattenTokens(g, g.reshape(bias, [batch, sequence, sequence]))), [
            batch,
            1,
            1,
            sequence,
          ]),
        },
      });
      const normalised = layerNorm(context, settings, 'text_model.final_layer_norm', encoded);
      return linear(projection('text_projection', hidden, width), normalised);
    },
  };
};

/**
 * What config.json says of a tower. Where older files have it under a second name, `text_config_dict`, that one counts, and what it leaves
 * out has its default, whatever the first one says: so transformers reads it.
 */
const readTower = <Shape extends z.ZodRawShape>(
  known: z.ZodObject<Shape>,
  config: Readonly<Record<string, unknown>>,
  field: 'text_config' | 'vision_config',
  place: string,
): z.output<z.ZodObject<Shape>> => {
  const first = readPart(known, config, field, place);
  return readPart(known, config, `${field}_dict`, place) ?? first ?? readConfiguration(known, {}, place);
};

/** Two encoders whose embeddings of a picture and of a text that fits it point the same way (Radford et al., arXiv 2103.00020). */
export const readClip: ReadArchitecture = (config, place) => {
  const { projection_dim: width } = readConfiguration(clipKeys, config, place);
  const text = readTower(textKeys, config, 'text_config', place);
  const vision = readTower(visionKeys, config, 'vision_config', place);
  checkHeads(text, `${place}: text_config`);
  checkHeads(vision, `${place}: vision_config`);
  checkPatches(vision, `${place}: vision_config`);
  const towers: Towers = {
    width,
    scores: { shape: [], hasBias: false },
    captions: 'image-captions',
    pictures: pictureTower(vision, width),
    texts: textTower(text, width),
  };
  return {
    name: 'clip',
    layers: Math.max(vision.num_hidden_layers, text.num_hidden_layers),
    // Of the tower whose embeddings of tokens training may disturb.
    hiddenSize: text.hidden_size,
    vocabularySize: text.vocab_size,
    maximumPositions: text.max_position_embeddings,
    objective: 'class-prompts',
    outputs: 1,
    towers,
    forward: (context) => compareTowers(towers, context),
    idleTensors: [positionIds],
  };
};
