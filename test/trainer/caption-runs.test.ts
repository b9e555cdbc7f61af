import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adapterSettingsSchema } from '../../main/engine/adapters/settings/adapter-settings.ts';
import { trainingSettingsSchema } from '../../main/engine/train/settings/training-settings.ts';
import { findCheckpoints } from '../../main/trainer/run/checkpoint-folders.ts';
import type { RunSpecification } from '../../main/trainer/protocol/protocol.ts';
import { describePictures } from '../../main/trainer/read/describe-pictures.ts';
import { eventsOf, noticesOf, valuesOf } from '../support/run-events.ts';
import { writeTinyClip } from '../support/tiny-clip.ts';
import { writeTinySiglip } from '../support/tiny-siglip.ts';
import { writeColourPictures } from '../support/tiny-pictures.ts';

const workspace = mkdtempSync(join(tmpdir(), 'nora-caption-runs-'));
afterAll(() => rmSync(workspace, { recursive: true, force: true }));
const modelDirectory = writeTinyClip(join(workspace, 'clip'));
const folder = join(workspace, 'colours');
const trainFile = join(folder, 'captions.jsonl');
const sourceOf = async (): Promise<RunSpecification['dataset']> => {
  const { format } = await describePictures({ trainFile });
  return { trainFile, validationFile: null, format, validationFraction: 0.25 };
};

/** Each picture has two captions, one of them longer than the model takes. */
const writeCaptions = (parts: boolean): void => {
  const rows = ['red', 'green', 'blue'].flatMap((colour) =>
    Array.from({ length: 6 }, (_, at) => at).flatMap((at) => {
      const of = { file_name: `${colour}/0${at}.png`, ...(parts && { split: at < 4 ? 'train' : 'test' }) };
      return [
        { ...of, caption: `a ${colour} square` },
        { ...of, caption: `a photo of a ${colour} picture . ${'a '.repeat(9)}${colour} .` },
      ];
    }),
  );
  writeFileSync(trainFile, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
};
beforeAll(() => writeColourPictures(folder, { train: 6, test: null }));

const specification = (
  name: string,
  dataset: RunSpecification['dataset'],
  adapter: object,
  training: object = {},
): RunSpecification => ({
  runDirectory: join(workspace, name),
  modelDirectory,
  cacheDirectory: null,
  dataset,
  adapter: adapterSettingsSchema.parse({ method: 'lora', rank: 2, alpha: 4, ...adapter }),
  training: trainingSettingsSchema.parse({
    ...{ steps: 8, batchSize: 4, learningRate: 0.02, threads: 1, evaluateEvery: 4 },
    ...training,
  }),
  seed: 1,
  date: '2026-11-28',
  resumeFrom: null,
});
const adapterBytes = (name: string): Buffer =>
  readFileSync(join(workspace, name, 'adapter/adapter.safetensors'));

const both = { targetModules: ['q_proj', 'v_proj'] };
const onPictures = { targetModules: String.raw`vision_model\..*\.(q_proj|fc2)|visual_projection` };

describe.each([
  ['both towers', both, {}],
  ['both towers, in micro-batches', both, { gradientAccumulation: 2 }],
  ['the picture tower', onPictures, {}],
  ['the picture tower, in micro-batches', onPictures, { gradientAccumulation: 2, views: 'fixed' }],
])('captions, LoRA on %s', (name, adapter, { views = 'random', ...training }: Record<string, unknown>) => {
  it('learn, are measured from before the first step on, and go on from a pause to the same bytes', async () => {
    writeCaptions(true);
    const dataset = await sourceOf();
    const more = { ...training, pictures: { views } };
    const whole = await eventsOf(specification(name, dataset, adapter, more));
    expect(whole.at(-1)).toMatchObject({ type: 'completed' });
    const losses = valuesOf(whole, 'validation/loss');
    expect(losses).toHaveLength(3);
    expect(losses.at(-1)).toBeLessThan(losses[0]!);
    for (const metric of ['picture_to_text', 'text_to_picture'])
      for (const within of [1, 5]) {
        const recalls = valuesOf(whole, `validation/${metric}_recall_${within}`);
        expect(recalls).toHaveLength(3);
        expect(recalls.every((value) => value >= 0 && value <= 1)).toBe(true);
      }
    expect(noticesOf(whole)).toEqual(
      expect.arrayContaining([
        'trained on 24 of 24 captions, measured on 12 (the part to test on)',
        '18 captions are longer than the 12 tokens that the model takes, and were cut',
      ]),
    );
    expect(noticesOf(whole).some((notice) => notice.startsWith('nothing of the text tower'))).toBe(
      adapter === onPictures,
    );
    const job = specification(`${name}, paused`, dataset, adapter, more);
    const first = await eventsOf(job, 5);
    expect(first.at(-1)).toMatchObject({ type: 'paused', step: 5 });
    const second = await eventsOf({ ...job, resumeFrom: findCheckpoints(job.runDirectory)[0]!.directory });
    expect([...valuesOf(first, 'train/loss'), ...valuesOf(second, 'train/loss')]).toEqual(
      valuesOf(whole, 'train/loss'),
    );
    expect(adapterBytes(`${name}, paused`).equals(adapterBytes(name))).toBe(true);
  });
});

it('pictures are held out with all of their captions where no part is apart', async () => {
  writeCaptions(false);
  const events = await eventsOf(specification('alone', await sourceOf(), onPictures, { steps: 1 }));
  expect(noticesOf(events)).toContain('trained on 26 of 36 captions, measured on 10 (held out)');
});

it('a SigLIP is asked of each picture and caption by itself, as it was trained, in micro-batches too', async () => {
  writeCaptions(true);
  const directory = writeTinySiglip(join(workspace, 'siglip'));
  const lossesIn = async (name: string, training: object): Promise<number[]> => {
    const job = specification(name, await sourceOf(), both, { pictures: { views: 'fixed' }, ...training });
    const events = await eventsOf({ ...job, modelDirectory: directory });
    expect(events.at(-1)).toMatchObject({ type: 'completed' });
    const measured = valuesOf(events, 'validation/loss');
    expect(measured.at(-1)).toBeLessThan(measured[0]!);
    expect(noticesOf(events)).toContain(
      '18 captions are longer than the 12 tokens that the model takes, and were cut',
    );
    return valuesOf(events, 'train/loss');
  };
  const whole = await lossesIn('siglip', { batchSize: 4 });
  const cut = await lossesIn('siglip in micro-batches', { batchSize: 2, gradientAccumulation: 2 });
  cut.forEach((loss, step) => expect(loss / whole[step]! - 1).toBeCloseTo(0, 4));
});
