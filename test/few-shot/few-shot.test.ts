import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { adapterSettingsSchema } from '../../main/engine/adapters/settings/adapter-settings.ts';
import { createRandom } from '../../main/engine/random.ts';
import { trainingSettingsSchema } from '../../main/engine/train/settings/training-settings.ts';
import type { RunEvent } from '../../main/trainer/protocol/protocol.ts';
import { describePictures } from '../../main/trainer/read/describe-pictures.ts';
import { trainRun } from '../../main/trainer/run/train-run.ts';
import { writeTinyClip } from '../support/tiny-clip.ts';
import { colourNames, colours, writeColourPictures } from '../support/tiny-pictures.ts';
import { trainPairs, type Pair } from './clip/train-pairs.ts';

const workspace = mkdtempSync(join(tmpdir(), 'nora-few-shot-'));
afterAll(() => rmSync(workspace, { recursive: true, force: true }));
const modelDirectory = writeTinyClip(join(workspace, 'clip'));

/** A colour, lighter or darker, with noise. */
const drawPair = (name: (typeof colourNames)[number], random: ReturnType<typeof createRandom>): Pair => {
  const light = random.integer(60) - 30;
  const rgb = Uint8Array.from({ length: 16 * 16 * 3 }, (_, at) =>
    Math.max(0, Math.min(255, colours[name][at % 3]! + light + random.integer(60) - 30)),
  );
  return { picture: { width: 16, height: 16, rgb }, captions: [`a photo of a ${name}.`] };
};

const losses: number[] = [];
beforeAll(() =>
  trainPairs({
    ...{ folder: modelDirectory, steps: 60, pairsOfStep: 3, learningRate: 3e-3, warmupSteps: 5, threads: 1 },
    draw: (step) => {
      const random = createRandom(1, step);
      return colourNames.map((name) => drawPair(name, random));
    },
    onStep: (_, loss) => void losses.push(loss),
  }),
);

/** Accuracy before the first step and after the last. */
const accuracies = async (trainFile: string, adapter: object, shots: number): Promise<number[]> => {
  const values: number[] = [];
  const take = (event: RunEvent): void => {
    if (event.type === 'failed') throw new Error(event.message);
    if (event.type !== 'metrics') return;
    for (const { name, value } of event.metrics) if (name === 'validation/accuracy') values.push(value);
  };
  const specification = {
    ...{ modelDirectory, cacheDirectory: null, seed: 1, date: '2026-11-29', resumeFrom: null },
    runDirectory: mkdtempSync(join(workspace, 'run-')),
    dataset: {
      ...{ trainFile, validationFile: null, validationFraction: 0.25 },
      format: (await describePictures({ trainFile })).format,
    },
    adapter: adapterSettingsSchema.parse(adapter),
    training: trainingSettingsSchema.parse({
      ...{ steps: 40, batchSize: 6, learningRate: 1e-2, threads: 1 },
      pictures: { shots },
    }),
  };
  await trainRun(specification, { emit: take, shouldStop: () => null });
  return values;
};

it('a CLIP that was trained on pairs tells classes by their names, and few pictures teach it other names', async () => {
  expect(losses[0]).toBeGreaterThan(0.8);
  expect(losses.at(-1)).toBeLessThan(0.1);
  const named = await writeColourPictures(join(workspace, 'named'));
  const exchanged = await writeColourPictures(join(workspace, 'exchanged'));
  for (const part of ['train', 'test']) {
    const folder = join(exchanged, part);
    renameSync(join(folder, 'red'), join(folder, 'other'));
    renameSync(join(folder, 'green'), join(folder, 'red'));
    renameSync(join(folder, 'blue'), join(folder, 'green'));
    renameSync(join(folder, 'other'), join(folder, 'blue'));
  }
  const lora = { method: 'lora', rank: 4, alpha: 8 };
  const nora = { method: 'nora', outerRank: 16, innerRank: 4, alpha: 8, calibrationBatches: 1 };
  const onBoth = { targetModules: ['q_proj', 'k_proj', 'v_proj', 'fc2'] };
  expect((await accuracies(named, { ...lora, ...onBoth }, 1))[0]).toBe(1);
  for (const method of [lora, nora]) {
    const [zeroShot, after] = await accuracies(exchanged, { ...method, ...onBoth }, 4);
    expect(zeroShot).toBe(0);
    expect(after).toBeGreaterThanOrEqual(0.9);
  }
});
