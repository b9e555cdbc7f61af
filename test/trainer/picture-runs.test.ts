import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adapterSettingsSchema } from '../../main/engine/adapters/settings/adapter-settings.ts';
import { trainingSettingsSchema } from '../../main/engine/train/settings/training-settings.ts';
import { findCheckpoints } from '../../main/trainer/run/checkpoint-folders.ts';
import type { RunEvent, RunSpecification } from '../../main/trainer/protocol/protocol.ts';
import { describePictures } from '../../main/trainer/read/describe-pictures.ts';
import { trainRun } from '../../main/trainer/run/train-run.ts';
import { eventsOf, noticesOf, valuesOf } from '../support/run-events.ts';
import { writeTinyClip } from '../support/tiny-clip.ts';
import { writeTinySiglip } from '../support/tiny-siglip.ts';
import { writeColourPictures } from '../support/tiny-pictures.ts';

const workspace = mkdtempSync(join(tmpdir(), 'nora-picture-runs-'));
afterAll(() => rmSync(workspace, { recursive: true, force: true }));
const modelDirectory = writeTinyClip(join(workspace, 'clip'));
const siglipDirectory = writeTinySiglip(join(workspace, 'siglip'));
const trainFile = join(workspace, 'colours');
let dataset: RunSpecification['dataset'];
beforeAll(async () => {
  await writeColourPictures(trainFile);
  const { format } = await describePictures({ trainFile });
  dataset = { trainFile, validationFile: null, format, validationFraction: 0.25 };
});

const onVision = { targetModules: String.raw`vision_model\..*\.(q_proj|fc2)|visual_projection` };

const specification = (name: string, adapter: object, training: object = {}): RunSpecification => ({
  runDirectory: join(workspace, name),
  modelDirectory,
  cacheDirectory: null,
  dataset,
  adapter: adapterSettingsSchema.parse(adapter),
  training: trainingSettingsSchema.parse({
    ...{ steps: 12, batchSize: 3, learningRate: 0.02, threads: 1 },
    pictures: { shots: 4 },
    ...training,
  }),
  seed: 1,
  date: '2026-11-28',
  resumeFrom: null,
});

const adapterBytes = (name: string): Buffer =>
  readFileSync(join(workspace, name, 'adapter/adapter.safetensors'));

describe.each([
  ['LoRA on both towers', { method: 'lora', rank: 2, alpha: 4, targetModules: ['q_proj', 'v_proj'] }, false],
  ['LoRA on the picture tower', { method: 'lora', rank: 2, alpha: 4, ...onVision }, true],
  [
    'NoRA on both towers',
    {
      method: 'nora',
      outerRank: 6,
      innerRank: 2,
      alpha: 4,
      calibrationBatches: 2,
      targetModules: ['q_proj', 'v_proj'],
    },
    false,
  ],
  [
    'NoRA on the picture tower',
    { method: 'nora', outerRank: 6, innerRank: 2, alpha: 4, calibrationBatches: 2, ...onVision },
    true,
  ],
  [
    'LoRA on both towers of a SigLIP',
    { method: 'lora', rank: 2, alpha: 4, targetModules: ['q_proj', 'head', 'fc2'] },
    false,
    siglipDirectory,
  ],
  [
    'NoRA on the picture tower of a SigLIP',
    { method: 'nora', outerRank: 6, innerRank: 2, alpha: 4, calibrationBatches: 2, ...onVision },
    true,
    siglipDirectory,
  ],
])('%s', (name, adapter, textsOnce, model: string = modelDirectory) => {
  const specificationOf = (of: string): RunSpecification => ({
    ...specification(of, adapter),
    modelDirectory: model,
  });

  it('learns, tells accuracy from before the first step on, and goes on from a pause to the same bytes', async () => {
    const whole = await eventsOf(specificationOf(name));
    expect(whole.at(-1)).toMatchObject({ type: 'completed' });
    expect(valuesOf(whole, 'train/loss')).toHaveLength(12);
    const [before, after] = valuesOf(whole, 'validation/loss');
    expect(after).toBeLessThan(before!);
    expect(valuesOf(whole, 'validation/accuracy')).toHaveLength(2);
    expect(noticesOf(whole)).toContain(
      'trained on 12 of 24 pictures of 3 classes (4 of each class, drawn by the seed 1), measured on 12, the part to test on',
    );
    expect(noticesOf(whole).some((notice) => notice.startsWith('nothing of the text tower'))).toBe(textsOnce);

    for (const step of [1, 7]) {
      const again = `${name} paused at ${step}`;
      const job = specificationOf(again);
      const first = await eventsOf(job, step);
      expect(first.at(-1)).toMatchObject({ type: 'paused', step });
      const resumeFrom = findCheckpoints(job.runDirectory)[0]!.directory;
      const second = await eventsOf({ ...job, resumeFrom });
      expect([...valuesOf(first, 'train/loss'), ...valuesOf(second, 'train/loss')]).toEqual(
        valuesOf(whole, 'train/loss'),
      );
      expect(adapterBytes(again).equals(adapterBytes(name))).toBe(true);
    }
  });
});

describe('where nothing of the picture tower is trained', () => {
  const onTexts = { method: 'lora', rank: 2, alpha: 4, targetModules: String.raw`text_model\..*\.q_proj` };
  const ofPictures = (events: readonly RunEvent[]): boolean =>
    noticesOf(events).some((notice) => notice.startsWith('nothing of the picture tower'));
  const seen = (views: string) => ({ pictures: { shots: 4, views } });

  it('its embeddings are made once if views are fixed, and a run goes on from a pause to the same bytes', async () => {
    const whole = await eventsOf(specification('texts', onTexts, seen('fixed')));
    expect(ofPictures(whole)).toBe(true);
    const [before, after] = valuesOf(whole, 'validation/loss');
    expect(after).toBeLessThan(before!);
    const job = specification('texts paused', onTexts, seen('fixed'));
    await eventsOf(job, 5);
    await eventsOf({ ...job, resumeFrom: findCheckpoints(job.runDirectory)[0]!.directory });
    expect(adapterBytes('texts paused').equals(adapterBytes('texts'))).toBe(true);
  });

  it('they are what the tower gives in each step otherwise', async () => {
    const first = (events: readonly RunEvent[]): number => valuesOf(events, 'validation/loss')[0]!;
    const random = await eventsOf(specification('texts, random', onTexts, seen('random')));
    expect(ofPictures(random)).toBe(false);
    const fixed = await eventsOf(
      specification('texts, fixed', { ...onTexts, method: 'dora' }, seen('fixed')),
    );
    expect(ofPictures(fixed)).toBe(true);
    expect(Math.abs(first(fixed) - first(random))).toBeLessThan(1e-6 * first(random));
    const both = { method: 'lora', rank: 2, targetModules: ['q_proj'] };
    const trained = await eventsOf(specification('both, fixed', both, seen('fixed')));
    expect(ofPictures(trained)).toBe(false);
    expect(Math.abs(valuesOf(fixed, 'train/loss')[0]! - valuesOf(trained, 'train/loss')[0]!)).toBeLessThan(
      1e-5,
    );
  });
});

it('a run that is cancelled while the texts of many classes are embedded ends there', async () => {
  const events: RunEvent[] = [];
  const isAtTexts = (event: RunEvent): boolean =>
    event.type === 'progress' && event.phase === 'preparing-data' && event.total === 3;
  await trainRun(specification('cancelled', { method: 'lora', rank: 2, ...onVision }), {
    emit: (event) => void events.push(event),
    shouldStop: () => (events.some(isAtTexts) ? 'cancel' : null),
  });
  expect(events.at(-1)).toMatchObject({ type: 'cancelled', step: 0 });
});

it('a run without a part to test on holds some of each class out, as long as epochs say', async () => {
  const only = { ...dataset, trainFile: join(trainFile, 'train') };
  const job = specification('alone', { method: 'lora', rank: 2, ...onVision });
  const training = trainingSettingsSchema.parse({ epochs: 1, batchSize: 3, threads: 1 });
  const events = await eventsOf({ ...job, dataset: only, training });
  expect(events.at(-1)).toMatchObject({ type: 'completed' });
  expect(valuesOf(events, 'train/loss')).toHaveLength(6);
  expect(noticesOf(events)).toContain('trained on 18 of 24 pictures of 3 classes, measured on 6, held out');
});

it('what the import left out has no part in a run, and what breaks later is refused by name', async () => {
  const folder = join(workspace, 'broken');
  await writeColourPictures(folder, { train: 3, test: 2 });
  const tear = (name: string): void => {
    const path = join(folder, name);
    writeFileSync(path, readFileSync(path).subarray(0, 60));
  };
  tear('train/red/01.png');
  const { format } = await describePictures({ trainFile: folder, skipBroken: true });
  // Whatever becomes of it.
  writeFileSync(join(folder, 'train/red/01.png'), readFileSync(join(folder, 'train/red/00.png')));
  const broken = { ...dataset, trainFile: folder, format };
  const adapter = { method: 'lora', rank: 2, ...onVision };
  const training = trainingSettingsSchema.parse({ epochs: 1, batchSize: 4, threads: 1 });
  const job = (name: string): RunSpecification => ({
    ...specification(name, adapter),
    dataset: broken,
    training,
  });
  const events = await eventsOf(job('left out'));
  expect(events.at(-1)).toMatchObject({ type: 'completed' });
  expect(valuesOf(events, 'train/loss')).toHaveLength(2);
  expect(noticesOf(events)).toEqual(
    expect.arrayContaining([
      '1 picture left out, as at the import, when it could not be read',
      'trained on 8 of 8 pictures of 3 classes, measured on 6, the part to test on',
    ]),
  );
  tear('train/red/02.png');
  await expect(eventsOf(job('broke later'))).rejects.toThrow('02.png: breaks off or is damaged');
});
