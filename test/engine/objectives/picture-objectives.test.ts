import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { adapterSettingsSchema } from '../../../main/engine/adapters/settings/adapter-settings.ts';
import { integersOf, tensorOf } from '../../../main/engine/data/batches/batch.ts';
import { comparedWith, towersOf, withEmbeddings } from '../../../main/engine/models/compared-model.ts';
import { openModel, type Model } from '../../../main/engine/models/model.ts';
import { captionMatches } from '../../../main/engine/objectives/caption-matches.ts';
import { classPrompts } from '../../../main/engine/objectives/class-prompts.ts';
import { imageCaptions } from '../../../main/engine/objectives/image-captions.ts';
import { pictureSide } from '../../../main/engine/objectives/pictures/row-tensors.ts';
import type { GraphBuilder } from '../../../main/engine/graph/builder.ts';
import { estimateRun } from '../../../main/engine/memory/estimate-run.ts';
import {
  trainingSettingsSchema,
  type TrainingSettings,
} from '../../../main/engine/train/settings/training-settings.ts';
import type { Tensor } from '../../../main/engine/tensor.ts';
import { sampleBatch, sampleLogits } from '../../../main/trainer/export/export-check.ts';
import { runLoss, type TinyModel } from './run-loss.ts';

const model = openModel(join(import.meta.dirname, '../../numeric/fixtures/clip/model'));
const towers = towersOf(model.architecture);

/** Three pictures and three texts as vectors of two numbers. */
const pictures = [
  [1, 0.5],
  [-0.5, 2],
  [0.25, -1],
];
const texts = [
  [0.5, 1],
  [2, -1],
  [-1, 0],
];
const logits = pictures.map((picture) =>
  texts.map((text) => picture[0]! * text[0]! + picture[1]! * text[1]!),
);
const lossOf = (row: readonly number[], target: number): number =>
  Math.log(row.reduce((sum, value) => sum + Math.exp(value), 0)) - row[target]!;

/** Its pictures' embeddings come as they are, and its texts are the weight that is trained. */
const tiny: TinyModel = {
  weight: { shape: [3, 2], data: Float32Array.from(texts.flat()) },
  hidden: (g: GraphBuilder) => g.input('picture_embeddings', 'float32', ['images', 2]),
};
const embedded = (rows: readonly (readonly number[])[]): Tensor => ({
  shape: [rows.length, 2],
  data: Float32Array.from(rows.flat()),
});
const given = { ...towers, width: 2 };
const withWidth = {
  ...given,
  pictures: { ...given.pictures, input: { name: 'picture_embeddings', shape: [2] }, positions: 1 },
  texts: { ...given.texts, input: { name: 'text_embeddings', shape: [2] } },
};
const rowsOf = texts.map((text) => Float32Array.from(text));
const picture = (at: number) => (): Float32Array => Float32Array.from(pictures[at]!);

describe('class-prompts', () => {
  const { assemble } = classPrompts.batching({ towers: withWidth, prompts: rowsOf, padId: 0 });
  const labels = [2, 0, 0];
  const batchOf = (...chosen: number[]) =>
    assemble(chosen.map((at) => [{ picture: picture(at), label: labels[at]! }]));

  it('is the mean cross entropy of pictures over the texts, by hand, however the step is cut', async () => {
    const expected = labels.reduce((sum, label, at) => sum + lossOf(logits[at]!, label), 0) / 3;
    const whole = await runLoss(classPrompts, tiny, [batchOf(0, 1, 2)]);
    const cut = await runLoss(classPrompts, tiny, [batchOf(0), batchOf(1, 2)]);
    for (const step of [whole, cut]) {
      expect(step.loss).toBeCloseTo(expected, 6);
      expect(classPrompts.metrics(step.sums)).toEqual({
        loss: expect.closeTo(expected, 6) as number,
        accuracy: 1 / 3,
      });
    }
    whole.gradient.forEach((value, at) => expect(cut.gradient[at]).toBeCloseTo(value, 6));
  });

  it('has the prompts of all classes in every batch', () => {
    const prompts = [
      [58, 3, 59],
      [58, 4, 5, 6, 59],
    ];
    const size = 3 * 16 * 16;
    const batching = classPrompts.batching({ towers, prompts, padId: 1 });
    const batch = batching.assemble([[{ picture: () => new Float32Array(size), label: 1 }]]);
    expect(tensorOf(batch, 'pixels').shape).toEqual([1, 3, 16, 16]);
    expect([...integersOf(batch, 'input_ids')].map(Number)).toEqual([58, 3, 59, 1, 1, 58, 4, 5, 6, 59]);
    expect([...integersOf(batch, 'text_ends')].map(Number)).toEqual([2, 9]);
    expect([...integersOf(batch, 'label_targets')]).toEqual([1n]);
    expect(batch).toMatchObject({ batch: 1, sequence: 5, scored: 1, tokens: 17 + 8 });
    expect(() => batching.check([{ picture: () => new Float32Array(size), label: 2 }])).toThrow(
      'picture 1 is of class 2, and there are prompts for 2',
    );
    expect(() => classPrompts.batching({ towers, prompts: [[58, 3]], padId: 1 })).toThrow('has no end');
  });
});

describe('image-captions', () => {
  const { assemble } = imageCaptions.batching({ towers: withWidth, padId: 0 });

  it('is half the cross entropy both ways, by hand', async () => {
    const columns = texts.map((_, at) => logits.map((row) => row[at]!));
    const both = texts.map((_, at) => (lossOf(logits[at]!, at) + lossOf(columns[at]!, at)) / 2);
    const expected = both.reduce((a, b) => a + b) / 3;
    const batch = assemble(rowsOf.map((caption, at) => [{ picture: picture(at), caption }]));
    expect(tensorOf(batch, 'picture_embeddings')).toEqual(embedded(pictures));
    const { loss, sums } = await runLoss(imageCaptions, tiny, [batch]);
    expect(loss).toBeCloseTo(expected, 6);
    expect(imageCaptions.metrics(sums)).toEqual({ loss: expect.closeTo(expected, 6) as number });
  });

  it('is told where a text has no end before a run begins', () => {
    const { check } = imageCaptions.batching({ towers, padId: 1 });
    expect(() => check([{ picture: picture(0), caption: [58, 3, 4] }])).toThrow('a text of 3 tokens');
  });
});

describe('caption-matches', () => {
  it('is -log sigmoid of the scores of pairs, and of the negative ones of all others, by hand', async () => {
    const { assemble } = captionMatches.batching({ towers: withWidth, padId: 0 });
    const expected = logits
      .flatMap((row, picture) =>
        row.map((score, text) => Math.log1p(Math.exp(picture === text ? -score : score))),
      )
      .reduce((a, b) => a + b);
    const batch = assemble(rowsOf.map((caption, at) => [{ picture: picture(at), caption }]));
    const { loss, sums } = await runLoss(captionMatches, tiny, [batch]);
    expect(loss).toBeCloseTo(expected / 3, 6);
    expect(captionMatches.metrics(sums)).toEqual({ loss: expect.closeTo(expected / 3, 6) as number });
  });

  it('overflows nowhere', async () => {
    const { assemble } = captionMatches.batching({ towers: withWidth, padId: 0 });
    const far = (by: number) => assemble([[{ picture: () => Float32Array.of(by, 0), caption: rowsOf[0]! }]]);
    const one: TinyModel = { ...tiny, weight: { shape: [1, 2], data: Float32Array.of(1, 0) } };
    expect((await runLoss(captionMatches, one, [far(1000)])).loss).toBe(0);
    expect((await runLoss(captionMatches, one, [far(-1000)])).loss).toBe(1000);
  });
});

describe('samples and noise', () => {
  it.each(['class-prompts', 'image-captions', 'caption-matches'] as const)('%s', async (objective) => {
    const own = comparedWith(model, objective, 5);
    const batch = sampleBatch(own);
    expect(sampleBatch(own)).toEqual(batch);
    const scores = await sampleLogits({ model: own, adapter: null, trainedWeights: [] }, batch, 1);
    expect(scores.length).toBe(batch.batch * integersOf(batch, 'text_ends').length);
    expect(scores.every(Number.isFinite)).toBe(true);
  });

  it('of embeddings, where they are given', () => {
    const batch = sampleBatch(withEmbeddings(model, 'texts'));
    expect(tensorOf(batch, 'text_embeddings').shape).toEqual([5, 20]);
    expect(Object.keys(batch.tensors)).not.toContain('input_ids');
  });
});

describe('estimates', () => {
  const adapter = adapterSettingsSchema.parse({
    method: 'lora',
    rank: 2,
    alpha: 4,
    targetModules: ['q_proj'],
  });
  const training = (batchSize: number): TrainingSettings =>
    trainingSettingsSchema.parse({ batchSize, sequenceLength: 8 });
  const bytesOf = (compared: Model, pictures: number): number =>
    estimateRun(compared, adapter, training(pictures)).activations;

  it('count the pictures of a batch, and the texts that each is compared with', () => {
    const few = bytesOf(comparedWith(model, 'class-prompts', 5), 4);
    expect(bytesOf(comparedWith(model, 'class-prompts', 5), 64)).toBeGreaterThan(few);
    expect(bytesOf(comparedWith(model, 'class-prompts', 200), 4)).toBeGreaterThan(few);
  });

  it('are smaller where the embeddings of texts are given', () => {
    const both = comparedWith(model, 'class-prompts', 200);
    expect(bytesOf(withEmbeddings(both, 'texts'), 4)).toBeLessThan(bytesOf(both, 4));
  });

  it('know how many captions a batch has', () =>
    expect(bytesOf(comparedWith(model, 'image-captions', 1), 64)).toBeGreaterThan(
      bytesOf(comparedWith(model, 'image-captions', 1), 4),
    ));
});

it('a picture of another size is a defect', () =>
  expect(() => pictureSide(towers.pictures, [new Float32Array(5)])).toThrow(
    'pixels of 5 numbers, not 3 x 16 x 16',
  ));
