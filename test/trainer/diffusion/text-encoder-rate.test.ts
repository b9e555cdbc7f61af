import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { adapterSettingsSchema } from '../../../main/engine/adapters/settings/adapter-settings.ts';
import { readSafetensorsHeader, readTensorRaw } from '../../../main/engine/formats/safetensors.ts';
import { trainingSettingsSchema } from '../../../main/engine/train/settings/training-settings.ts';
import type { RunSpecification } from '../../../main/trainer/protocol/protocol.ts';
import { describePictures } from '../../../main/trainer/read/describe-pictures.ts';
import { findCheckpoints } from '../../../main/trainer/run/checkpoint-folders.ts';
import { eventsOf, noticesOf } from '../../support/run-events.ts';
import { writeSubjectPictures } from '../../support/subject-pictures.ts';
import { writeTinyPipeline } from '../../support/tiny-pipeline.ts';

const workspace = mkdtempSync(join(tmpdir(), 'nora-text-rate-'));
afterAll(() => rmSync(workspace, { recursive: true, force: true }));
const modelDirectory = writeTinyPipeline(join(workspace, 'model'));
let dataset: RunSpecification['dataset'];
beforeAll(async () => {
  const trainFile = await writeSubjectPictures(join(workspace, 'dogs'), [
    [16, 16],
    [16, 16],
    [16, 16],
  ]);
  const { format } = await describePictures({ trainFile, pictures: { as: 'subject' } });
  dataset = { trainFile, validationFile: null, format, validationFraction: 0.3 };
});

const specification = (
  name: string,
  rate: number | null,
  steps: number,
  targetModules = ['to_q', 'q_proj'],
  method = 'lora',
): RunSpecification => ({
  runDirectory: join(workspace, name),
  modelDirectory,
  cacheDirectory: null,
  dataset,
  adapter: adapterSettingsSchema.parse({ method, rank: 2, alpha: 2, targetModules }),
  training: trainingSettingsSchema.parse({
    ...{ steps, batchSize: 1, learningRate: 0.01, schedule: 'constant', warmupSteps: 0, threads: 1 },
    ...{ weightDecay: 0 },
    diffusion: { prompt: 'red dog', resolution: 16, heldOutDraws: 4, textEncoderLearningRate: rate },
  }),
  seed: 1,
  date: '2026-11-30',
  resumeFrom: null,
});

const fileOf = (name: string): string => join(workspace, name, 'adapter/adapter.safetensors');
const tensorsOf = (name: string): Map<string, Float32Array> => {
  const header = readSafetensorsHeader(fileOf(name));
  return new Map(
    [...header.tensors.keys()].map((key) => [
      key,
      new Float32Array(readTensorRaw(header, key).slice().buffer),
    ]),
  );
};

it.each(['lora', 'loraplus'])('acts on the text encoder alone: %s', async (method) => {
  await eventsOf(specification(`${method} one`, null, 1, undefined, method));
  await eventsOf(specification(`${method} own`, 0.001, 1, undefined, method));
  const one = tensorsOf(`${method} one`);
  const own = tensorsOf(`${method} own`);
  const ofTexts = [...one.keys()].filter((key) => key.includes('text_encoder') && key.includes('lora_B'));
  expect(ofTexts.length).toBeGreaterThan(0);
  for (const [key, values] of one) {
    if (!key.includes('text_encoder')) expect(own.get(key), key).toEqual(values);
  }
  // B starts at zero: after one step it is the rate times what is the same for both.
  for (const key of ofTexts) {
    const values = one.get(key)!;
    expect(values.some((value) => Math.abs(value) > 1e-3)).toBe(true);
    own.get(key)!.forEach((value, at) => expect(value).toBeCloseTo(values[at]! * 0.1, 7));
  }
});

it('goes on from a pause to the same bytes', async () => {
  await eventsOf(specification('whole', 0.001, 3));
  const job = specification('paused', 0.001, 3);
  await eventsOf(job, 1);
  await eventsOf({ ...job, resumeFrom: findCheckpoints(job.runDirectory)[0]!.directory });
  expect(readFileSync(fileOf('paused')).equals(readFileSync(fileOf('whole')))).toBe(true);
});

it('says where it acts on nothing', async () => {
  const events = await eventsOf(specification('unet', 0.001, 1, ['to_q']));
  expect(noticesOf(events).some((one) => one.includes('textEncoderLearningRate acts on nothing'))).toBe(true);
});
