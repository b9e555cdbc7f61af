import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { adapterSettingsSchema } from '../../../main/engine/adapters/settings/adapter-settings.ts';
import { readModelFilesSync } from '../../../main/engine/formats/model-identity.ts';
import { trainingSettingsSchema } from '../../../main/engine/train/settings/training-settings.ts';
import type { RunEvent, RunSpecification } from '../../../main/trainer/protocol/protocol.ts';
import { describePictures } from '../../../main/trainer/read/describe-pictures.ts';
import { findCheckpoints } from '../../../main/trainer/run/checkpoint-folders.ts';
import { trainRun } from '../../../main/trainer/run/train-run.ts';
import { eventsOf, noticesOf } from '../../support/run-events.ts';
import { writeSubjectPictures } from '../../support/subject-pictures.ts';
import { writeTinyPipeline } from '../../support/tiny-pipeline.ts';

const workspace = mkdtempSync(join(tmpdir(), 'nora-class-pictures-'));
afterAll(() => rmSync(workspace, { recursive: true, force: true }));
const modelDirectory = writeTinyPipeline(join(workspace, 'model'));
const three: [number, number][] = [
  [16, 16],
  [16, 16],
  [16, 16],
];

const described = async (trainFile: string): Promise<RunSpecification['dataset']> => {
  const { format } = await describePictures({ trainFile, pictures: { as: 'subject' } });
  return { trainFile, validationFile: null, format, validationFraction: 0.3 };
};
let alone: RunSpecification['dataset'];
let withOne: RunSpecification['dataset'];
beforeAll(async () => {
  alone = await described(await writeSubjectPictures(join(workspace, 'dogs'), three));
  const folder = await writeSubjectPictures(join(workspace, 'dogs and one'), three);
  await writeSubjectPictures(join(folder, 'class_images'), [[16, 16]], 2);
  withOne = await described(folder);
});

const draw = { seed: 5, steps: 2, width: 16, height: 16 };
const specification = (name: string, cache: string | null, prior: object = {}): RunSpecification => ({
  runDirectory: join(workspace, name),
  modelDirectory,
  modelFiles: readModelFilesSync(modelDirectory),
  cacheDirectory: cache === null ? null : join(workspace, cache),
  dataset: alone,
  adapter: adapterSettingsSchema.parse({
    ...{ method: 'lora', rank: 2, alpha: 2, targetModules: ['to_q', 'to_v'] },
  }),
  training: trainingSettingsSchema.parse({
    ...{ steps: 2, batchSize: 1, learningRate: 0.05, threads: 1, weightDecay: 0 },
    diffusion: {
      ...{ prompt: 'red dog', resolution: 16, heldOutDraws: 4 },
      prior: { prompt: 'a dog', pictures: 5, draw, ...prior },
    },
  }),
  seed: 1,
  date: '2026-11-30',
  resumeFrom: null,
});
const adapterOf = (name: string): Buffer =>
  readFileSync(join(workspace, name, 'adapter/adapter.safetensors'));
const said = (events: readonly RunEvent[]): string | undefined =>
  noticesOf(events).find((one) => one.includes("the model's own"));

it('draws the class before training, and trains alike on what was drawn, found again, and drawn without a cache', async () => {
  const first = await eventsOf(specification('drawn', 'cache'));
  expect(said(first)).toBe("5 pictures of the class are the model's own: all drawn now");
  const phases = first.flatMap((event) => (event.type === 'progress' ? [event.phase] : []));
  expect(phases.indexOf('drawing')).toBeGreaterThanOrEqual(0);
  expect(phases.indexOf('drawing')).toBeLessThan(phases.indexOf('training'));
  expect(readdirSync(join(workspace, 'cache/drawn'))).toHaveLength(5);
  const again = await eventsOf(specification('found', 'cache'));
  expect(said(again)).toBe("5 pictures of the class are the model's own: 5 found in the cache, 0 drawn");
  await eventsOf(specification('uncached', null));
  expect(adapterOf('found').equals(adapterOf('drawn'))).toBe(true);
  expect(adapterOf('uncached').equals(adapterOf('drawn'))).toBe(true);
  // Another seed of the run sees the same pictures, and another seed of the drawing others.
  const otherSeed = await eventsOf({ ...specification('other seed', 'cache'), seed: 2 });
  expect(said(otherSeed)).toContain('5 found');
  const others = await eventsOf(specification('others', 'cache', { draw: { ...draw, seed: 50 } }));
  expect(said(others)).toContain('all drawn now');
  expect(adapterOf('others').equals(adapterOf('drawn'))).toBe(false);
});

it('takes the pictures of the data first, and draws only those that are missing', async () => {
  const job = { ...specification('one there', 'cache'), dataset: withOne };
  expect(said(await eventsOf(job))).toBe(
    "4 pictures of the class are the model's own: 4 found in the cache, 0 drawn",
  );
  const enough = { ...specification('enough', 'cache', { pictures: 1 }), dataset: withOne };
  expect(said(await eventsOf(enough))).toBeUndefined();
});

it('pauses while it draws, finds what was done, and goes on from a pause in training to the same bytes', async () => {
  const job = specification('paused', 'other cache');
  const events: RunEvent[] = [];
  let stops = false;
  await trainRun(job, {
    emit: (event) => {
      events.push(event);
      if (event.type === 'progress' && event.phase === 'drawing' && event.done >= 4) stops = true;
    },
    shouldStop: () => (stops ? 'pause' : null),
  });
  expect(events.at(-1)).toMatchObject({ type: 'paused', step: 0, checkpointDirectory: null });
  expect(readdirSync(join(workspace, 'other cache/drawn')).length).toBeGreaterThanOrEqual(4);
  const first = await eventsOf(job, 1);
  expect(said(first)).toMatch(/found in the cache/);
  const resumeFrom = findCheckpoints(job.runDirectory)[0]!.directory;
  await eventsOf({ ...job, resumeFrom });
  expect(adapterOf('paused').equals(adapterOf('drawn'))).toBe(true);
});

it('names the setting by which nothing can be drawn', async () => {
  const odd = specification('odd', null, { draw: { ...draw, width: 20 } });
  await expect(eventsOf(odd)).rejects.toThrow('training.diffusion.prior.draw.width: ');
  expect(() => specification('none', null, { pictures: 0 })).toThrow('missing ones are drawn; give a number');
  expect(() => specification('many', null, { pictures: 1001 })).toThrow('1000 at most');
});
