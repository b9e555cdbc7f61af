import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adapterSettingsSchema } from '../../main/engine/adapters/settings/adapter-settings.ts';
import { trainingSettingsSchema } from '../../main/engine/train/settings/training-settings.ts';
import { findCheckpoints } from '../../main/trainer/run/checkpoint-folders.ts';
import type { RunEvent, RunSpecification } from '../../main/trainer/protocol/protocol.ts';
import { describePictures } from '../../main/trainer/read/describe-pictures.ts';
import { trainRun } from '../../main/trainer/run/train-run.ts';
import { writeTinyClip } from '../support/tiny-clip.ts';
import { writeColourPictures } from '../support/tiny-pictures.ts';

const workspace = mkdtempSync(join(tmpdir(), 'nora-picture-runs-'));
afterAll(() => rmSync(workspace, { recursive: true, force: true }));
const modelDirectory = writeTinyClip(join(workspace, 'clip'));
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

const run = async (job: RunSpecification, pauseAfter = Infinity): Promise<RunEvent[]> => {
  const events: RunEvent[] = [];
  await trainRun(job, {
    emit: (event) => void events.push(event),
    shouldStop: () => (valuesOf(events, 'train/loss').length >= pauseAfter ? 'pause' : null),
  });
  return events;
};
const valuesOf = (events: readonly RunEvent[], name: string): number[] =>
  events.flatMap((event) =>
    event.type === 'metrics'
      ? event.metrics.filter((one) => one.name === name).map(({ value }) => value)
      : [],
  );
const noticesOf = (events: readonly RunEvent[]): string[] =>
  events.flatMap((event) => (event.type === 'notice' ? [event.message] : []));
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
])('%s', (name, adapter, textsOnce) => {
  it('learns, tells accuracy from before the first step on, and goes on from a pause to the same bytes', async () => {
    const whole = await run(specification(name, adapter));
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
      const job = specification(again, adapter);
      const first = await run(job, step);
      expect(first.at(-1)).toMatchObject({ type: 'paused', step });
      const resumeFrom = findCheckpoints(job.runDirectory)[0]!.directory;
      const second = await run({ ...job, resumeFrom });
      expect([...valuesOf(first, 'train/loss'), ...valuesOf(second, 'train/loss')]).toEqual(
        valuesOf(whole, 'train/loss'),
      );
      expect(adapterBytes(again).equals(adapterBytes(name))).toBe(true);
    }
  });
});
