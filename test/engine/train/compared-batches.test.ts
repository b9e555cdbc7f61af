import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Batch } from '../../../main/engine/data/batches/batch.ts';
import { towersOf } from '../../../main/engine/models/compared-model.ts';
import { classPrompts } from '../../../main/engine/objectives/class-prompts.ts';
import { pictureObjectives } from '../../../main/engine/objectives/index.ts';
import { createTrainer, type TrainerOptions } from '../../../main/engine/train/trainer.ts';
import { goldenMethods } from '../../numeric/golden/golden-folder.ts';
import { readPictures, readRun } from '../../numeric/golden/golden-run.ts';

const fixtures = join(import.meta.dirname, '../../numeric/fixtures');
const optimizer = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, maxGradientNorm: null };

/** The pictures of two batches of a fixture with their texts, and how they make a batch. */
const open = async (name: string, method: string) => {
  const folder = join(fixtures, name);
  const { model } = readRun(folder);
  const { start } = await goldenMethods[method]!(join(folder, method), model);
  const towers = towersOf(model.architecture);
  const read = readPictures(folder).slice(0, 2);
  const pairs = read.flatMap(({ pictures, texts, targets }) =>
    pictures.map((pixels, at) => ({
      picture: () => pixels,
      caption: texts[at]!,
      label: targets?.[at] ?? 0,
    })),
  );
  const prompts = read[0]!.texts;
  const objective = name.endsWith('_captions')
    ? pictureObjectives[towers.captions].batching({ towers, padId: 1 })
    : classPrompts.batching({ towers, prompts, padId: 1 });
  const batchOf = (some: typeof pairs): Batch => objective.assemble(some.map((pair) => [pair]));
  return { model, adapter: start, pairs, batchOf };
};

type Opened = Awaited<ReturnType<typeof open>>;

/** What a step gives, and what it changed: its first moments are the gradients. */
const stepOf = async (
  { model, adapter }: Opened,
  batches: readonly Batch[],
  more: Partial<TrainerOptions> = {},
) => {
  const trainer = await createTrainer({
    ...{ model, adapter, trainedWeights: [], threads: 1, memory: 'fast', optimizer },
    positions: Math.max(...batches.map(({ sequence }) => sequence)),
    labels: Math.max(...batches.map(({ scored }) => scored)),
    gradientAccumulation: batches.length,
    noiseSeed: 5,
    ...more,
  });
  const first = await trainer.step(batches, 1e-3);
  const second = await trainer.step(batches, 1e-3);
  const { firstMoment } = await trainer.state();
  await trainer.release();
  return { losses: [first.loss, second.loss], norms: [first.gradientNorm, second.gradientNorm], firstMoment };
};

const cutAt = (opened: Opened, ...ends: number[]): Batch[] => {
  const starts = [0, ...ends];
  return starts.map((start, at) => opened.batchOf(opened.pairs.slice(start, ends[at])));
};

/** Largest difference, in units of the largest of the reference. */
const difference = (a: Float32Array, b: Float32Array): number =>
  a.reduce((worst, value, at) => Math.max(worst, Math.abs(value - b[at]!)), 0) /
  b.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

describe.each([
  ['clip_captions', 'lora'],
  ['clip_captions', 'dora'],
  ['clip_captions', 'nora'],
  ['clip', 'lora'],
  ['siglip_captions', 'lora'],
  ['siglip_captions', 'nora'],
  ['siglip', 'lora'],
])('%s, %s: micro-batches of a step', (name, method) => {
  it.each([[[4]], [[1, 6]], [[2, 4, 6]]])('cut at %j add up to one large batch', async (ends) => {
    const opened = await open(name, method);
    const whole = await stepOf(opened, cutAt(opened));
    const cut = await stepOf(opened, cutAt(opened, ...ends));
    for (const step of [0, 1]) {
      expect(cut.losses[step]! / whole.losses[step]! - 1).toBeCloseTo(0, 5);
      expect(cut.norms[step]! / whole.norms[step]! - 1).toBeCloseTo(0, 5);
    }
    expect(difference(cut.firstMoment, whole.firstMoment)).toBeLessThan(2e-5);
  });
});

describe('a step of pairs', () => {
  it.each(['clip_captions', 'siglip_captions'])(
    'is not the mean over its micro-batches: %s',
    async (name) => {
      const opened = await open(name, 'lora');
      const whole = await stepOf(opened, cutAt(opened));
      const halves = cutAt(opened, 4);
      const alone = await Promise.all(halves.map((batch) => stepOf(opened, [batch])));
      const mean = (alone[0]!.losses[0]! + alone[1]!.losses[0]!) / 2;
      expect(Math.abs(mean / whole.losses[0]! - 1)).toBeGreaterThan(0.05);
    },
  );

  it.each(['fast', 'low'] as const)(
    'is the same in two passes as in one where it is one batch, with dropout and noise (%s memory)',
    async (memory) => {
      const opened = await open('clip_captions', 'lora');
      const { adapter } = opened;
      const noisy = {
        ...opened,
        adapter: { ...adapter, description: { ...adapter.description, dropout: 0.3 } },
      };
      const whole = cutAt(noisy);
      const once = await stepOf(noisy, whole, { neftuneAlpha: 2, memory });
      const inTwo = await stepOf(noisy, whole, { neftuneAlpha: 2, memory, gradientAccumulation: 2 });
      // The numbers drawn follow the count of micro-batches from the second step on.
      expect(inTwo.losses[0]).toBeCloseTo(once.losses[0]!, 5);
      expect(inTwo.norms[0]! / once.norms[0]! - 1).toBeCloseTo(0, 5);
      const plain = await stepOf(opened, cutAt(opened), { memory });
      expect(Math.abs(plain.losses[0]! - once.losses[0]!)).toBeGreaterThan(1e-3);
    },
  );
});
