import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { integersOf, type Batch } from '../../../main/engine/data/batches/batch.ts';
import { readClassFolders } from '../../../main/engine/data/pictures/sets/class-folders.ts';
import type { ClassifiedSet } from '../../../main/engine/data/pictures/sets/picture-set.ts';
import { clipLoraVariation } from '../../../main/engine/data/pictures/views/random-view.ts';
import { clipView } from '../../../main/engine/data/pictures/views/picture-view.ts';
import { comparedWith, towersOf } from '../../../main/engine/models/compared-model.ts';
import { openModel } from '../../../main/engine/models/model.ts';
import { classPrompts } from '../../../main/engine/objectives/class-prompts.ts';
import { trainingSettingsSchema } from '../../../main/engine/train/settings/training-settings.ts';
import { pictureBatches } from '../../../main/trainer/run/pictures/picture-batches.ts';
import { writeTinyClip } from '../../support/tiny-clip.ts';
import { writeColourPictures } from '../../support/tiny-pictures.ts';

const workspace = mkdtempSync(join(tmpdir(), 'nora-picture-batches-'));
afterAll(() => rmSync(workspace, { recursive: true, force: true }));
const model = comparedWith(openModel(writeTinyClip(join(workspace, 'clip'))), 'class-prompts', 3);
const batching = classPrompts.batching({
  towers: towersOf(model.architecture),
  prompts: [1, 2, 3].map((word) => [58, word, 59]),
  padId: 59,
});
const view = {
  ...clipView,
  resize: { kind: 'shortest-edge', edge: 16, filter: 'bicubic' } as const,
  crop: { width: 16, height: 16 },
};
let set: ClassifiedSet;
beforeAll(async () => {
  set = readClassFolders(await writeColourPictures(join(workspace, 'set'), { train: 3, test: 4 }));
});

const batchesOf = (
  training: object,
  views: 'random' | 'fixed' = 'fixed',
  epochEnd: 'runs-on' | 'small-batch' = 'runs-on',
) =>
  pictureBatches(
    { training: trainingSettingsSchema.parse({ batchSize: 3, steps: 5, ...training }), seed: 2 },
    {
      folder: set.folder,
      train: set.parts.train,
      heldOut: set.parts.test!,
      view,
      settings: { views, epochEnd },
      variation: clipLoraVariation,
    },
    batching,
  );
const labelsOf = (batches: readonly Batch[]): number[] =>
  batches.flatMap((batch) => [...integersOf(batch, 'label_targets')].map(Number));
const pixelsOf = (batches: readonly Batch[]) => batches.map(({ tensors }) => tensors['pixels']!.data);
const taken = async (batches: AsyncIterable<Batch> | Iterable<Batch>): Promise<Batch[]> => {
  const all: Batch[] = [];
  for await (const batch of batches) all.push(batch);
  return all;
};

describe('what is measured on', () => {
  it('is every held-out picture, in order', async () => {
    const { count, batches } = batchesOf({}).heldOut();
    const all = await taken(batches);
    expect([count, all.length]).toEqual([4, 4]);
    expect(labelsOf(all)).toEqual(set.parts.test!.map(({ label }) => label));
  });

  it('is of several classes where it is a part, and the same each time', async () => {
    const some = async (seed: object = {}) =>
      taken(batchesOf({ evaluationBatches: 2, ...seed }).heldOut().batches);
    const first = await some();
    expect(labelsOf(first)).toHaveLength(6);
    expect(new Set(labelsOf(first)).size).toBeGreaterThan(1);
    expect(pixelsOf(await some())).toEqual(pixelsOf(first));
  });
});

describe('what is trained on', () => {
  it('ends with the last epoch, whose length is counted before', async () => {
    const run = batchesOf({ epochs: 2, steps: undefined, gradientAccumulation: 2 });
    expect(run.countSteps()).toBe(3);
    const stream = run.stream();
    const batches = await stream.take(100);
    expect(labelsOf(batches)).toHaveLength(18);
    await stream.close();
  });

  it('is a small batch at the end of an epoch, where that is asked for', async () => {
    for (const [epochEnd, sizes] of [
      ['runs-on', [4, 4, 4, 4]],
      ['small-batch', [4, 4, 1, 4]],
    ] as const) {
      const stream = batchesOf({ batchSize: 4 }, 'fixed', epochEnd).stream();
      const batches = await stream.take(4);
      await stream.close();
      expect(batches.map((batch) => labelsOf([batch]).length)).toEqual(sizes);
    }
  });

  it('is so many steps for each shot', () => {
    const run = batchesOf({ steps: undefined, stepsPerShot: 5, pictures: { shots: 4 } });
    expect(run.countSteps()).toBe(20);
  });

  it('is seen otherwise in each epoch where views are random, and the same where they are fixed', async () => {
    for (const views of ['random', 'fixed'] as const) {
      const stream = batchesOf({ batchSize: 9 }, views).stream();
      const [first, second] = await stream.take(2);
      await stream.close();
      const sorted = (batch: Batch): string[] => {
        const pixels = batch.tensors['pixels']!.data as Float32Array;
        const size = pixels.length / 9;
        return Array.from({ length: 9 }, (_, at) =>
          pixels.subarray(at * size, (at + 1) * size).join(' '),
        ).sort();
      };
      if (views === 'fixed') expect(sorted(second!)).toEqual(sorted(first!));
      else expect(sorted(second!)).not.toEqual(sorted(first!));
    }
  });

  it('goes on from a place, bit for bit', async () => {
    const whole = batchesOf({}, 'random').stream();
    const all = await whole.take(5);
    const begun = batchesOf({}, 'random').stream();
    await begun.take(2);
    const rest = await batchesOf({}, 'random').stream(begun.state()).take(3);
    expect(pixelsOf(rest)).toEqual(pixelsOf(all.slice(2)));
    expect(labelsOf(rest)).toEqual(labelsOf(all.slice(2)));
    await whole.close();
    await begun.close();
  });

  it('is calibrated on as the model itself sees it', async () => {
    expect(pixelsOf(await batchesOf({}, 'random').calibration(3))).toEqual(
      pixelsOf(await batchesOf({}, 'fixed').calibration(3)),
    );
  });
});
