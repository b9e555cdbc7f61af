import { z } from 'zod';
import { invalidInput } from '../../errors.ts';
import {
  embeddingLayer,
  type PictureTower,
  type ReadArchitecture,
  type TextTower,
  type Towers,
} from '../architecture.ts';
import { activationSchema } from '../blocks/activations.ts';
import { flattenTokens, shapeOfTokens } from '../blocks/attention.ts';
import { attentionPooling } from '../blocks/attention-pooling.ts';
import { biased, positionIds } from '../blocks/encoder.ts';
import { learnedPositions } from '../blocks/learned-positions.ts';
import { checkPatches, patchEmbedding, patchesAcross } from '../blocks/patch-embedding.ts';
import { encodePreNorm, layerNorm } from '../blocks/pre-norm-encoder.ts';
import { checkHeads, readPart } from '../blocks/tower-settings.ts';
import { compareTowers } from '../blocks/two-towers.ts';
import { readConfiguration } from '../configuration.ts';
import { count, dropoutRate, usually } from '../configuration-keys.ts';

const towerKeys = {
  attention_dropout: dropoutRate,
  dropout: dropoutRate,
  tie_word_embeddings: z.unknown().optional(),
  hidden_act: activationSchema.default('gelu_pytorch_tanh'),
  layer_norm_eps: z.number().positive().default(1e-6),
};

const textKeys = z.object({
  ...towerKeys,
  ...usually({
    vocab_size: 32_000,
    hidden_size: 768,
    intermediate_size: 3072,
    num_hidden_layers: 12,
    num_attention_heads: 12,
    max_position_embeddings: 64,
  }),
  /** hidden_size where it is not said. */
  projection_size: count.nullish(),
});
type TextSettings = z.output<typeof textKeys>;

const visionKeys = z.object({
  ...towerKeys,
  ...usually({
    hidden_size: 768,
    intermediate_size: 3072,
    num_hidden_layers: 12,
    num_attention_heads: 12,
    image_size: 224,
    patch_size: 16,
  }),
  num_channels: z.literal(3).default(3),
  // Without it there is no one vector of a picture to compare.
  vision_use_head: z.literal(true).default(true),
});
type VisionSettings = z.output<typeof visionKeys>;

const siglipKeys = z.object({
  text_config: z.unknown().optional(),
  vision_config: z.unknown().optional(),
  initializer_factor: z.number().nullish(),
  tie_word_embeddings: z.unknown().optional(),
});

const pictureTower = (settings: VisionSettings): PictureTower => {
  const { hidden_size: width, image_size: size, num_channels: channels } = settings;
  const positions = patchesAcross(settings) ** 2;
  const shape = [channels, size, size];
  return {
    input: { name: 'pixels', shape },
    positions,
    embed: (context) => {
      const { g, weight } = context;
      const pixels = g.input('pixels', 'float32', ['images', ...shape]);
      const embeddings = 'vision_model.embeddings';
      const module = `${embeddings}.patch_embedding`;
      const patches = patchEmbedding(context, settings, { module, bias: true }, pixels);
      const places = weight(`${embeddings}.position_embedding.weight`, [positions, width]);
      const start = g.within('embeddings', () =>
        g.reshape(g.add(patches, places), [`${positions}*images`, width]),
      );
      const encoded = encodePreNorm(settings, context, 'vision_model.encoder', start, {
        shape: ['images', positions],
        positions,
        bias: null,
        causal: false,
        // Pooling looks at all of them.
        pooled: null,
      });
      const normalised = layerNorm(context, settings, 'vision_model.post_layernorm', encoded);
      return attentionPooling(context, settings, 'vision_model.head', normalised, positions);
    },
  };
};

/** Every text has all the model's positions; its last token stands for it, which is padding for most. */
const lastOf =
  (length: number): TextTower['endOf'] =>
  (ids) => {
    if (ids.length === length) return length - 1;
    throw invalidInput(
      `a text of ${ids.length} tokens is not padded to the ${length} that a siglip model sees of each`,
    );
  };

const textTower = (settings: TextSettings, projected: number): TextTower => {
  const { hidden_size: width, vocab_size: vocabulary, max_position_embeddings: length } = settings;
  return {
    length,
    input: null,
    endOf: lastOf(length),
    embed: (context) => {
      const { g, tokens, embedding, embedded, linear } = context;
      const table = embeddingLayer('text_model.embeddings.token_embedding', vocabulary, width);
      const words = embedded(embedding(table, flattenTokens(g, tokens.inputIds)));
      const places = learnedPositions(context, 'text_model.embeddings.position_embedding', {
        rows: length,
        width,
      });
      const ends = g.input('text_ends', 'int64', ['batch']);
      const start = g.within('embeddings', () => g.add(words, places));
      const encoded = encodePreNorm(settings, context, 'text_model.encoder', start, {
        shape: shapeOfTokens(tokens),
        positions: context.positions,
        // No token is hidden, padding neither.
        bias: null,
        causal: false,
        pooled: { pick: (rows) => g.gatherRows(rows, ends), bias: null },
      });
      const normalised = layerNorm(context, settings, 'text_model.final_layer_norm', encoded);
      return linear(biased('text_model.head', width, projected), normalised);
    },
  };
};

/**
 * Two encoders whose scores say by themselves whether a picture and a text belong together (Zhai et al., arXiv 2303.15343). SigLIP 2 of a
 * fixed resolution (arXiv 2502.14786) is the same model with another tokenizer.
 */
export const readSiglip: ReadArchitecture = (config, place) => {
  readConfiguration(siglipKeys, config, place);
  const text = readPart(textKeys, config, 'text_config', place) ?? readConfiguration(textKeys, {}, place);
  const vision =
    readPart(visionKeys, config, 'vision_config', place) ?? readConfiguration(visionKeys, {}, place);
  checkHeads(text, `${place}: text_config`);
  checkHeads(vision, `${place}: vision_config`);
  checkPatches(vision, `${place}: vision_config`);
  const width = vision.hidden_size;
  const projected = text.projection_size ?? text.hidden_size;
  if (projected !== width)
    throw invalidInput(
      `${place}: text_config: projection_size ${projected} is not the ${width} of vision_config.hidden_size, and a picture is compared with a text number by number`,
    );
  const towers: Towers = {
    width,
    scores: { shape: [1], hasBias: true },
    captions: 'caption-matches',
    pictures: pictureTower(vision),
    texts: textTower(text, projected),
  };
  return {
    name: 'siglip',
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
