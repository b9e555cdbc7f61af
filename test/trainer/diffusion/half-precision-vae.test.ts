import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { adapterSettingsSchema } from '../../../main/engine/adapters/settings/adapter-settings.ts';
import { float16ToFloat32, float32ToFloat16 } from '../../../main/engine/formats/float-conversion.ts';
import {
  readSafetensorsHeader,
  readTensorFloat32,
  writeSafetensors,
} from '../../../main/engine/formats/safetensors.ts';
import { trainingSettingsSchema } from '../../../main/engine/train/settings/training-settings.ts';
import type { RunSpecification } from '../../../main/trainer/protocol/protocol.ts';
import { describePictures } from '../../../main/trainer/read/describe-pictures.ts';
import { eventsOf, valuesOf } from '../../support/run-events.ts';
import { writeSubjectPictures } from '../../support/subject-pictures.ts';
import { writeTinyPipeline } from '../../support/tiny-pipeline.ts';

const workspace = mkdtempSync(join(tmpdir(), 'nora-half-vae-'));
afterAll(() => rmSync(workspace, { recursive: true, force: true }));

/** What half precision ends at. */
const largestHalf = 65_504;

/**
 * A VAE whose first convolutions give numbers that half precision can't hold, as some public ones (SDXL's) do in their depth: weights times so much
 * that they themselves still fit.
 */
const writeModel = (dtype: 'F16' | 'F32'): string => {
  // Of one name, which drawn pictures tell.
  const directory = join(workspace, dtype, 'model');
  mkdirSync(dirname(directory));
  writeTinyPipeline(directory);
  const file = join(directory, 'vae/diffusion_pytorch_model.safetensors');
  const header = readSafetensorsHeader(file);
  const tensors = [...header.tensors.values()].map(({ name: tensor, shape }) => {
    const values = readTensorFloat32(header, tensor);
    const factor = /^(en|de)coder\.conv_in\.weight$/.test(tensor)
      ? 60_000 / Math.max(...values.map(Math.abs))
      : 1;
    const data = new Float32Array(values.length);
    // Both hold the same numbers: those of half precision.
    float16ToFloat32(float32ToFloat16(values.map((value) => value * factor)), data);
    return { name: tensor, dtype, shape, data };
  });
  writeSafetensors(file, tensors);
  return directory;
};

const half = writeModel('F16');
const full = writeModel('F32');

let dataset: RunSpecification['dataset'];
beforeAll(async () => {
  const trainFile = await writeSubjectPictures(join(workspace, 'dogs'), [
    [16, 16],
    [16, 16],
  ]);
  const { format } = await describePictures({ trainFile, pictures: { as: 'subject' } });
  dataset = { trainFile, validationFile: null, format, validationFraction: 0.5 };
});

const run = async (name: string, modelDirectory: string) => {
  const events = await eventsOf({
    ...{ runDirectory: join(workspace, name), modelDirectory, cacheDirectory: null, dataset },
    adapter: adapterSettingsSchema.parse({ method: 'lora', rank: 2, alpha: 2, targetModules: ['to_k'] }),
    training: trainingSettingsSchema.parse({
      ...{ steps: 2, batchSize: 1, schedule: 'constant', threads: 1, learningRate: 0.01 },
      diffusion: {
        ...{ prompt: 'dog', resolution: 16, heldOutDraws: 4 },
        samples: { prompts: ['dog'], steps: 2, width: 16, height: 16 },
      },
    }),
    ...{ seed: 1, date: '2026-11-28', resumeFrom: null },
  });
  return {
    losses: [...valuesOf(events, 'train/loss'), ...valuesOf(events, 'validation/loss')],
    picture: readFileSync(join(workspace, name, 'samples/step-00000002/0001.png')),
  };
};

it('is computed in float32, so that it trains and draws as one whose files are', async () => {
  const header = readSafetensorsHeader(join(half, 'vae/diffusion_pytorch_model.safetensors'));
  const { dtype, shape } = header.tensors.get('encoder.conv_in.weight')!;
  const kernel = readTensorFloat32(header, 'encoder.conv_in.weight');
  const [channels] = shape as [number];
  // What it gives for black: the sum of a channel's weights.
  const black = Array.from({ length: channels }, (_, channel) =>
    kernel.subarray((channel * kernel.length) / channels, ((channel + 1) * kernel.length) / channels),
  ).map((weights) => Math.abs(weights.reduce((sum, weight) => sum + weight, 0)));
  expect(dtype).toBe('F16');
  expect(kernel.every((weight) => Math.abs(weight) <= largestHalf)).toBe(true);
  expect(Math.max(...black)).toBeGreaterThan(largestHalf);
  const [ofHalf, ofFull] = [await run('of half', half), await run('of full', full)];
  expect(ofHalf.losses.every(Number.isFinite)).toBe(true);
  expect(ofHalf).toEqual(ofFull);
}, 120_000);
