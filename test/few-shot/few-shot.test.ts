import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createRandom } from '../../main/engine/random.ts';
import { writeTinyClip } from '../support/tiny-clip.ts';
import { colourNames, colours, writeColourPictures } from '../support/tiny-pictures.ts';
import { trainPairs, type Pair } from './clip/train-pairs.ts';
import { measureRun, specificationOf, type Measured } from './measure-run.ts';

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

const accuracies = async (pictures: string, adapter: object, shots: number): Promise<Measured> => {
  const training = { steps: 40, batchSize: 6, learningRate: 1e-2, threads: 1, pictures: { shots } };
  const runDirectory = mkdtempSync(join(workspace, 'run-'));
  return measureRun(
    await specificationOf({ runDirectory, modelDirectory, pictures, seed: 1, adapter, training }),
  );
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
  expect(await accuracies(named, { ...lora, ...onBoth }, 1)).toMatchObject({ before: 1 });
  for (const method of [lora, nora]) {
    const { before, after } = await accuracies(exchanged, { ...method, ...onBoth }, 4);
    expect(before).toBe(0);
    expect(after).toBeGreaterThanOrEqual(0.9);
  }
});
