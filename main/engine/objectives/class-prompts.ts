import type { Batch } from '../data/batches/batch.ts';
import { invalidInput } from '../errors.ts';
import type { Towers } from '../models/architecture.ts';
import { createRandom } from '../random.ts';
import { classification } from './classification.ts';
import { comparedBatch, comparing, numbered, sampleOf } from './pictures/compared.ts';
import type { PictureExample, PictureObjective } from './pictures/picture-objective.ts';
import { randomSides } from './pictures/random-sides.ts';
import { pictureSide, textSide, type SideOfBatch, type TextRow } from './pictures/row-tensors.ts';
import { labelExtents } from './scored-rows/label-chunks.ts';
import { summedCrossEntropy } from './scored-rows/cross-entropy.ts';
import { scoredRows } from './scored-rows/scored-rows.ts';

/** A picture of a class. */
export interface ClassPicture extends PictureExample {
  /** Which prompt says what is on it. */
  readonly label: number;
}

export interface ClassPromptsOptions {
  readonly towers: Towers;
  /** A text for each class. Each batch has them all: they are encoded once a step, or once a run where their tower is frozen. */
  readonly prompts: readonly TextRow[];
  readonly padId: number;
}

const labelled = (pictures: SideOfBatch, texts: SideOfBatch, labels: readonly number[]): Batch =>
  comparedBatch(pictures, texts, {
    label_rows: numbered(labels.length),
    label_targets: { shape: [labels.length], data: BigInt64Array.from(labels, BigInt) },
  });

/** Which of several texts says what is on a picture: cross entropy over the texts, as CLIP-LoRA trains (arXiv 2405.18541). */
export const classPrompts: PictureObjective<ClassPicture, ClassPromptsOptions> = {
  ...scoredRows,
  ...comparing(['label_rows', 'label_targets']),
  batching: ({ towers: { pictures, texts }, prompts, padId }) => {
    const ofTexts = textSide(texts, prompts, padId);
    return {
      check: (examples) => {
        const unknown = examples.findIndex(({ label }) => !(label >= 0 && label < prompts.length));
        if (unknown >= 0)
          throw invalidInput(
            `picture ${unknown + 1} is of class ${examples[unknown]!.label}, and there are prompts for ${prompts.length}`,
          );
      },
      formRows: (ordered) => ordered.map((example) => [example]),
      tokensOf: (row) => row.length * pictures.positions,
      assemble: (rows) => {
        const examples = rows.flat();
        const values = examples.map(({ picture }) => picture());
        return labelled(
          pictureSide(pictures, values),
          ofTexts,
          examples.map(({ label }) => label),
        );
      },
    };
  },
  randomBatch: (options) => {
    const { pictures, texts } = randomSides(options, options.outputs);
    const random = createRandom(options.seed, 1);
    return labelled(
      pictures,
      texts,
      Array.from({ length: pictures.rows }, () => random.integer(texts.rows)),
    );
  },
  loss: (g, forward, options) => {
    const { loss, logits, losses } = summedCrossEntropy(g, forward, options);
    return { loss, outputs: { ...logits, ...losses } };
  },
  extents: ({ batchSize, sequenceLength }, { labels, outputs }) => ({
    images: batchSize,
    batch: outputs,
    sequence: sequenceLength,
    ...labelExtents(labels, outputs),
  }),
  sharesTexts: true,
  measure: classification.measure,
  metrics: classification.metrics,
  samples: (model) => sampleOf(classPrompts.randomBatch)(model),
};
