import type { GraphBuilder } from '../../graph/builder.ts';
import type { Value } from '../../graph/graph.ts';
import type { Towers } from '../../models/architecture.ts';
import type { Tensor } from '../../tensor.ts';
import type { Comparison } from '../objective.ts';
import { comparedBatch, comparing, sampleOf } from './compared.ts';
import type { PictureExample, PictureObjective } from './picture-objective.ts';
import { randomSides } from './random-sides.ts';
import { retrievalRecalls } from './retrieval.ts';
import { pictureSide, textSide, type SideOfBatch, type TextRow } from './row-tensors.ts';

/** A picture and a text that belongs to it. */
export interface CaptionedPicture extends PictureExample {
  readonly caption: TextRow;
  /** Examples of one name show one picture; without names each has its own. */
  readonly name?: string;
}

export interface CaptionOptions {
  readonly towers: Towers;
  readonly padId: number;
}

/** What is asked of the scores of so many pictures by their captions. */
export interface CaptionLoss {
  /** Of the tensors that `targets` gives. */
  readonly targetNames: readonly string[];
  /** What the loss takes besides, for so many pairs. */
  readonly targets: (pairs: number) => Record<string, Tensor>;
  /** Summed over the pairs. @param logits (images x batch), the pairs on the diagonal */
  readonly loss: (g: GraphBuilder, logits: Value) => Value;
}

/**
 * An objective of pictures with captions. Every picture of a step is compared with every caption, so the loss is no sum over micro-batches: a
 * step of several is computed in two passes.
 */
export const comparedCaptions = ({
  targetNames,
  targets,
  loss,
}: CaptionLoss): PictureObjective<CaptionedPicture, CaptionOptions> => {
  const paired = (pictures: SideOfBatch, texts: SideOfBatch) =>
    comparedBatch(pictures, texts, targets(pictures.rows));
  const comparison: Comparison = {
    rows: ({ hidden, texts }) => ({ images: hidden, texts: texts as Value }),
    extents: { images: 'images', texts: 'batch' },
    loss: (g, { images, texts }) => loss(g, g.matmul(images as Value, texts as Value, { transposeB: true })),
    feeds: targets,
  };
  const objective: PictureObjective<CaptionedPicture, CaptionOptions> = {
    ...comparing(targetNames),
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
      loss: loss(g, head.logits(hidden)),
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
    metrics: ({ loss: sum = 0, scored = 0 }) => ({ loss: sum / scored }),
    together: {
      keep: ({ names }, { images, texts }) => ({
        images: images as Tensor,
        texts: texts as Tensor,
        ...(names && { names }),
      }),
      metrics: retrievalRecalls,
    },
    samples: (model) => sampleOf(objective.randomBatch)(model),
  };
  return objective;
};
