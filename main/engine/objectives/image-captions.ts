import type { Batch } from '../data/batches/batch.ts';
import type { Tensor } from '../tensor.ts';
import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/graph.ts';
import type { Towers } from '../models/architecture.ts';
import type { Comparison } from './objective.ts';
import { comparedBatch, comparing, numbered, sampleOf } from './pictures/compared.ts';
import type { PictureExample, PictureObjective } from './pictures/picture-objective.ts';
import { randomSides } from './pictures/random-sides.ts';
import { retrievalRecalls } from './pictures/retrieval.ts';
import { pictureSide, textSide, type SideOfBatch, type TextRow } from './pictures/row-tensors.ts';

/** A picture and a text that belongs to it. */
export interface CaptionedPicture extends PictureExample {
  readonly caption: TextRow;
  /** Examples of one name show one picture; without names each has its own. */
  readonly name?: string;
}

export interface ImageCaptionsOptions {
  readonly towers: Towers;
  readonly padId: number;
}

const [captionOf, pictureOf] = ['caption_of_image', 'image_of_caption'];

const paired = (pictures: SideOfBatch, texts: SideOfBatch): Batch =>
  comparedBatch(pictures, texts, {
    [captionOf]: numbered(pictures.rows),
    [pictureOf]: numbered(texts.rows),
  });

/** Half of the cross entropy both ways, summed over the pairs. @param logits (images x batch) */
const symmetricLoss = (g: GraphBuilder, logits: Value): Value => {
  const ofPictures = g.crossEntropy(logits, g.input(captionOf, 'int64', [logits.shape[0]!]));
  const turned = g.transpose(logits, [1, 0]);
  const ofCaptions = g.crossEntropy(turned, g.input(pictureOf, 'int64', [turned.shape[0]!]));
  return g.multiply(g.add(g.sum(ofPictures, [0]), g.sum(ofCaptions, [0])), 0.5);
};

const comparison: Comparison = {
  rows: ({ hidden, texts }) => ({ images: hidden, texts: texts as Value }),
  extents: { images: 'images', texts: 'batch' },
  loss: (g, { images, texts }) =>
    symmetricLoss(g, g.matmul(images as Value, texts as Value, { transposeB: true })),
  feeds: (pairs) => ({ [captionOf]: numbered(pairs), [pictureOf]: numbered(pairs) }),
};

/**
 * CLIP's own objective: among all pairs of a step each picture has to find its caption, and each caption its picture. Every pair is compared
 * with every other, so the loss is no sum over micro-batches: a step of several is computed in two passes.
 */
export const imageCaptions: PictureObjective<CaptionedPicture, ImageCaptionsOptions> = {
  ...comparing([captionOf, pictureOf]),
  batching: ({ towers: { pictures, texts }, padId }) => ({
    check: (examples) => examples.forEach(({ caption }) => void textSide(texts, [caption], padId)),
    formRows: (ordered) => ordered.map((example) => [example]),
    tokensOf: (row) =>
      row.reduce(
        (sum, { caption }) => sum + pictures.positions + textSide(texts, [caption], padId).tokens,
        0,
      ),
    assemble: (rows) => {
      const examples = rows.flat();
      const values = examples.map(({ picture }) => picture());
      const captions = examples.map(({ caption }) => caption);
      const names = examples.flatMap(({ name }) => name ?? []);
      return {
        ...paired(pictureSide(pictures, values), textSide(texts, captions, padId)),
        ...(names.length === examples.length && { names }),
      };
    },
  }),
  randomBatch: (options) => {
    const { pictures, texts } = randomSides(options, options.batchSize);
    return paired(pictures, texts);
  },
  loss: (g, { hidden, texts, head }) => ({
    loss: symmetricLoss(g, head.logits(hidden)),
    outputs: texts === undefined ? {} : { images: hidden, texts },
  }),
  feeds: ({ tensors }) => ({ ...tensors }),
  extents: ({ batchSize, sequenceLength }) => ({
    images: batchSize,
    batch: batchSize,
    sequence: sequenceLength,
  }),
  scales: (batches) => {
    const [whole, ...others] = batches;
    if (whole === undefined || others.length > 0)
      throw new Error('losses of several batches of pairs do not add up');
    return [1 / whole.scored];
  },
  splits: false,
  comparison,
  measure: ({ batch, outputs }) => ({ loss: Number(outputs['loss']!.data[0]), scored: batch.scored }),
  metrics: ({ loss = 0, scored = 0 }) => ({ loss: loss / scored }),
  together: {
    keep: ({ names }, { images, texts }) => ({
      images: images as Tensor,
      texts: texts as Tensor,
      ...(names && { names }),
    }),
    metrics: retrievalRecalls,
  },
  samples: (model) => sampleOf(imageCaptions.randomBatch)(model),
};
