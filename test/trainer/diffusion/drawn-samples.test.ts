import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adapterSettingsSchema } from '../../../main/engine/adapters/settings/adapter-settings.ts';
import { readDrawn } from '../../../main/engine/data/pictures/drawn/drawn-folder.ts';
import { readModelFilesSync } from '../../../main/engine/formats/model-identity.ts';
import { sha256OfFileSync } from '../../../main/engine/formats/file-hash.ts';
import { trainingSettingsSchema } from '../../../main/engine/train/settings/training-settings.ts';
import type { RunEvent, RunSpecification } from '../../../main/trainer/protocol/protocol.ts';
import { describePictures } from '../../../main/trainer/read/describe-pictures.ts';
import { findCheckpoints } from '../../../main/trainer/run/checkpoint-folders.ts';
import { trainRun } from '../../../main/trainer/run/train-run.ts';
import { eventsOf, noticesOf, valuesOf } from '../../support/run-events.ts';
import { writeSubjectPictures } from '../../support/subject-pictures.ts';
import { writeTinyPipeline } from '../../support/tiny-pipeline.ts';

const workspace = mkdtempSync(join(tmpdir(), 'nora-drawn-samples-'));
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

const samples = { prompts: ['red dog', 'a dog'], seeds: [3, 4], every: 2, steps: 2, width: 16, height: 16 };

const specification = (name: string, given: object = samples, training: object = {}): RunSpecification => ({
  runDirectory: join(workspace, name),
  modelDirectory,
  modelFiles: readModelFilesSync(modelDirectory),
  cacheDirectory: join(workspace, 'cache'),
  dataset,
  adapter: adapterSettingsSchema.parse({
    ...{ method: 'lora', rank: 2, alpha: 2, targetModules: ['to_q', 'to_k', 'to_v', 'to_out.0'] },
  }),
  training: trainingSettingsSchema.parse({
    ...{ steps: 5, batchSize: 1, learningRate: 0.05, schedule: 'constant', threads: 1, weightDecay: 0 },
    diffusion: { prompt: 'red dog', resolution: 16, heldOutDraws: 4, samples: given },
    ...training,
  }),
  seed: 1,
  date: '2026-11-28',
  resumeFrom: null,
});

const drawnIn = (events: readonly RunEvent[]) => events.filter((event) => event.type === 'pictures');
const filesOf = (name: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(join(workspace, name, 'samples'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.includes('.'))
      .toSorted()
      .map((file) => [file, sha256OfFileSync(join(workspace, name, 'samples', file))]),
  );

describe('what a run draws while it trains', () => {
  let whole: RunEvent[];
  beforeAll(async () => {
    whole = await eventsOf(specification('whole'));
  });

  it('is the model itself before the first step, then the adapter as it is, from the same noise', () => {
    const drawn = drawnIn(whole);
    expect(drawn.map(({ step }) => step)).toEqual([0, 2, 4, 5]);
    for (const { step, pictures } of drawn) {
      expect(pictures.map(({ prompt, seed }) => [prompt, seed])).toEqual([
        ['red dog', 3],
        ['red dog', 4],
        ['a dog', 3],
        ['a dog', 4],
      ]);
      for (const { file, sha256, problem } of pictures) {
        expect(file).toContain(`samples/step-0000000${step}/`);
        expect(problem).toBeNull();
        expect(sha256OfFileSync(join(workspace, 'whole', file!))).toBe(sha256);
      }
    }
    expect(new Set(drawn.flatMap(({ pictures }) => pictures.map(({ sha256 }) => sha256))).size).toBe(16);
    const text = readFileSync(join(workspace, 'whole', drawn[1]!.pictures[0]!.file!)).toString('latin1');
    expect(text).toContain('"seed":3');
    expect(text).toContain('"arm":"step 2"');
  });

  it('is a folder that measuring and comparing pictures read', () => {
    const { pictures } = readDrawn(join(workspace, 'whole/samples/step-00000002'));
    expect(pictures.map(({ name, prompt, seed }) => [name, prompt, seed])).toEqual([
      ['0001.png', 'red dog', 3],
      ['0002.png', 'red dog', 4],
      ['0003.png', 'a dog', 3],
      ['0004.png', 'a dog', 4],
    ]);
  });

  it('changes nothing of the training, and its seconds count apart', async () => {
    const plain = await eventsOf(
      specification('plain', undefined, {
        diffusion: { prompt: 'red dog', resolution: 16, heldOutDraws: 4 },
      }),
    );
    expect(valuesOf(whole, 'train/loss')).toEqual(valuesOf(plain, 'train/loss'));
    const adapter = (name: string) => readFileSync(join(workspace, name, 'adapter/adapter.safetensors'));
    expect(adapter('whole')).toEqual(adapter('plain'));
    expect(whole.at(-1)).toMatchObject({ summary: { 'run/sample_seconds': expect.any(Number) as number } });
    expect(existsSync(join(workspace, 'plain/samples'))).toBe(false);
  });

  it('of a run that was paused is the same files, and what was drawn after its checkpoint goes', async () => {
    const parted = specification('parted');
    await eventsOf(parted, 3);
    const resumeFrom = findCheckpoints(parted.runDirectory)[0]!.directory;
    expect(Object.keys(filesOf('parted')).filter((file) => file.endsWith('png'))).toHaveLength(8);
    const kept = join(parted.runDirectory, 'samples/step-00000002');
    writeFileSync(join(kept, '0001.png'), 'spoilt');
    const rest = await eventsOf({ ...parted, resumeFrom });
    expect(drawnIn(rest).map(({ step }) => step)).toEqual([4, 5]);
    expect({ ...filesOf('parted'), 'step-00000002/0001.png': null }).toEqual({
      ...filesOf('whole'),
      'step-00000002/0001.png': null,
    });
  });

  it('that was stopped while it drew goes on to the same files', async () => {
    const stopped = specification('stopped');
    const events: RunEvent[] = [];
    let isAsked = false;
    await trainRun(stopped, {
      emit: (event) => {
        events.push(event);
        const steps = valuesOf(events, 'train/loss').length;
        isAsked ||= steps === 2 && event.type === 'progress' && event.phase === 'sampling' && event.done > 2;
      },
      shouldStop: () => (isAsked ? 'pause' : null),
    });
    expect(events.at(-1)).toMatchObject({ type: 'paused', step: 2 });
    expect(existsSync(join(stopped.runDirectory, 'samples/step-00000002'))).toBe(false);
    const rest = await eventsOf({
      ...stopped,
      resumeFrom: findCheckpoints(stopped.runDirectory)[0]!.directory,
    });
    expect(drawnIn(rest).map(({ step }) => step)).toEqual([2, 4, 5]);
    expect(filesOf('stopped')).toEqual(filesOf('whole'));
  });
});

describe('pictures that the model draws by itself', () => {
  it('are drawn once for all runs on it', async () => {
    const cache = join(workspace, 'cache/drawn');
    expect(readdirSync(cache)).toHaveLength(4);
    const began = readdirSync(cache).toSorted();
    await eventsOf(specification('again', { ...samples, every: 0 }, { steps: 1 }));
    expect(readdirSync(cache).toSorted()).toEqual(began);
    const [name] = began;
    writeFileSync(join(cache, name!), readFileSync(join(cache, name!)).subarray(0, 300));
    await eventsOf(specification('damaged', { ...samples, every: 0 }, { steps: 1 }));
    const atStart = (run: string) =>
      Object.entries(filesOf(run)).filter(([file]) => file.startsWith('step-00000000'));
    expect(atStart('damaged')).toEqual(atStart('again'));
    expect(atStart('again').slice(0, 4)).toEqual(atStart('whole').slice(0, 4));
  });
});

it('numbers that are not finite are told, and the run goes on to where its loss stops it', async () => {
  const events: RunEvent[] = [];
  const job = specification('explodes', { ...samples, every: 1 }, {});
  const explodes = { ...job, training: { ...job.training, learningRate: 1e30 } };
  await expect(
    trainRun(explodes, { emit: (event) => void events.push(event), shouldStop: () => null }),
  ).rejects.toThrow(/^step 2: the (loss|gradient) is no longer a finite number/);
  const [, second] = drawnIn(events);
  expect(second).toMatchObject({ step: 1 });
  expect(second!.pictures[0]).toMatchObject({
    file: null,
    sha256: null,
    problem: expect.stringContaining('gives numbers that are not finite: the first is unet.') as string,
  });
  expect(noticesOf(events).join()).toContain('step 1: its sample pictures could not be drawn: ');
});

it('what the model can not draw is refused before anything is computed', async () => {
  const refused = (given: object) => eventsOf(specification('refused', { ...samples, ...given }));
  await expect(refused({ width: 20 })).rejects.toThrow(
    'training.diffusion.samples.width: this model draws multiples of',
  );
  expect(() => specification('refused', { ...samples, seeds: [1, 2, 3, 4, 5, 6, 7, 8, 9] })).toThrow(
    '2 prompts from 9 seeds make 18 pictures; a run draws 16 at a time at most',
  );
});
