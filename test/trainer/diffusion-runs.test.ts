import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readAdapter } from '../../main/engine/adapters/folder/adapter-folder.ts';
import { adapterSettingsSchema } from '../../main/engine/adapters/settings/adapter-settings.ts';
import { readModelFilesSync } from '../../main/engine/formats/model-identity.ts';
import { trainingSettingsSchema } from '../../main/engine/train/settings/training-settings.ts';
import type { RunSpecification } from '../../main/trainer/protocol/protocol.ts';
import { describePictures } from '../../main/trainer/read/describe-pictures.ts';
import { findCheckpoints } from '../../main/trainer/run/checkpoint-folders.ts';
import { eventsOf, noticesOf, valuesOf } from '../support/run-events.ts';
import { writeSubjectPictures } from '../support/subject-pictures.ts';
import { writeTinyPipeline } from '../support/tiny-pipeline.ts';

const workspace = mkdtempSync(join(tmpdir(), 'nora-diffusion-runs-'));
afterAll(() => rmSync(workspace, { recursive: true, force: true }));
const modelDirectory = writeTinyPipeline(join(workspace, 'sd15'));
const largeDirectory = writeTinyPipeline(join(workspace, 'sdxl'), 'sdxl');
const trainFile = join(workspace, 'dogs');
let dataset: RunSpecification['dataset'];
beforeAll(async () => {
  await writeSubjectPictures(trainFile, [
    [20, 20],
    [24, 16],
    [18, 30],
    [33, 20],
    [20, 20],
  ]);
  await writeSubjectPictures(
    join(trainFile, 'class_images'),
    [
      [20, 20],
      [16, 16],
      [30, 18],
    ],
    2,
  );
  const { format } = await describePictures({ trainFile, pictures: { as: 'subject' } });
  dataset = { trainFile, validationFile: null, format, validationFraction: 0.2 };
});

const attention = ['to_q', 'to_k', 'to_v', 'to_out.0'];
const lora = { method: 'lora', rank: 2, alpha: 2, targetModules: attention };
const nora = {
  method: 'nora',
  outerRank: 4,
  innerRank: 2,
  alpha: 4,
  calibrationBatches: 2,
  targetModules: attention,
};
const drawn = { prompt: 'red dog', resolution: 16, heldOutDraws: 4 };
const withPrior = { ...drawn, prior: { prompt: 'a dog', pictures: 3 } };
const chancy = {
  ...withPrior,
  buckets: { step: 8, smallest: 8, largest: 32 },
  crop: 'random',
  flip: true,
  minSnrGamma: 5,
  noiseOffset: 0.1,
  captionDropout: 0.3,
};

const specification = (name: string, adapter: object, training: object = {}): RunSpecification => ({
  runDirectory: join(workspace, name),
  modelDirectory,
  cacheDirectory: null,
  dataset,
  adapter: adapterSettingsSchema.parse(adapter),
  training: trainingSettingsSchema.parse({
    ...{ steps: 3, batchSize: 2, learningRate: 0.01, threads: 1, weightDecay: 0 },
    diffusion: drawn,
    ...training,
  }),
  seed: 1,
  date: '2026-11-28',
  resumeFrom: null,
});

const adapterBytes = (name: string): Buffer =>
  readFileSync(join(workspace, name, 'adapter/adapter.safetensors'));

describe('pictures of one size that is not square', () => {
  const size = { width: 24, height: 16 };
  const wide = (diffusion: object = {}) => ({ diffusion: { ...drawn, resolution: size, ...diffusion } });

  it('are trained on, and drawn as large, by the class and while it trains', async () => {
    const samples = { prompts: ['red dog'], steps: 2, width: 16, height: 24 };
    const prior = { prompt: 'a dog', pictures: 4, draw: { ...size, steps: 2 } };
    const events = await eventsOf(specification('wide', lora, wide({ samples, prior })));
    expect(events.at(-1)).toMatchObject({ type: 'completed' });
    expect(valuesOf(events, 'train/loss').every(Number.isFinite)).toBe(true);
    const picture = readFileSync(join(workspace, 'wide/samples/step-00000003/0001.png'));
    expect([picture.readUInt32BE(16), picture.readUInt32BE(20)]).toEqual([16, 24]);
  });

  it('are refused by the side that the model does not take', async () => {
    const odd = specification(
      'odd',
      lora,
      wide({ prior: { prompt: 'a dog', pictures: 4, draw: { width: 18 } } }),
    );
    await expect(eventsOf(odd)).rejects.toThrow(
      'training.diffusion.prior.draw.width: this model draws multiples of 8 pixels; 18 is none: take 16 or 24',
    );
  });
});

describe.each([
  [
    'LoRA with prior, buckets and all that is left to chance',
    lora,
    { diffusion: chancy, gradientAccumulation: 2 },
    'sd15',
  ],
  ['NoRA', nora, { diffusion: withPrior }, 'sd15'],
  [
    'LoRA on a Stable Diffusion XL and its text encoders',
    { ...lora, targetModules: [...attention, 'q_proj'] },
    { diffusion: withPrior },
    'sdxl',
  ],
])('%s', (name, adapter, training, kind) => {
  const specificationOf = (of: string): RunSpecification => ({
    ...specification(of, adapter, training),
    modelDirectory: kind === 'sd15' ? modelDirectory : largeDirectory,
  });

  it('learns, is measured by quarters, and goes on from a pause to the same bytes', async () => {
    const whole = await eventsOf(specificationOf(name));
    expect(whole.at(-1)).toMatchObject({ type: 'completed' });
    const losses = valuesOf(whole, 'train/loss');
    expect(losses).toHaveLength(3);
    const [before, after] = valuesOf(whole, 'validation/loss');
    expect(after).not.toBe(before);
    for (const quarter of [1, 2, 3, 4])
      expect(valuesOf(whole, `validation/loss_quarter_${quarter}`)).toHaveLength(2);

    const again = `${name} paused`;
    const job = specificationOf(again);
    const first = await eventsOf(job, 1);
    expect(first.at(-1)).toMatchObject({ type: 'paused', step: 1 });
    const resumeFrom = findCheckpoints(job.runDirectory)[0]!.directory;
    const second = await eventsOf({ ...job, resumeFrom });
    expect([...valuesOf(first, 'train/loss'), ...valuesOf(second, 'train/loss')]).toEqual(losses);
    expect(valuesOf(second, 'validation/loss').at(-1)).toBe(after);
    expect(adapterBytes(again).equals(adapterBytes(name))).toBe(true);
    const { layers } = readAdapter(join(workspace, name, 'adapter'));
    expect(layers.some(({ module }) => module.startsWith('text_encoder'))).toBe(
      name.includes('text encoder'),
    );
  });
});

describe('a run on pictures of a subject', () => {
  it('says what it trains and measures on', async () => {
    const events = await eventsOf(specification('told', lora, { steps: 1, diffusion: withPrior }));
    const notices = noticesOf(events);
    expect(notices.find((one) => one.startsWith('trained on'))).toMatch(
      /^trained on 4 of 5 pictures of the subject; measured on 1 of the subject, which is not trained on: \d.png$/,
    );
    expect(notices).toContain(
      'nothing of the text encoders is trained: what they make of each text is made once',
    );
  });

  it('measures every arm and seed on the same noise where the pictures are the same', async () => {
    const heldOut = { seed: 9 };
    const [one, other] = await Promise.all(
      [1, 2].map(async (seed) => {
        const job = { ...specification(`seed ${seed}`, lora, { steps: 1 }), seed, heldOut };
        return valuesOf(await eventsOf(job), 'validation/loss')[0];
      }),
    );
    expect(one).toBe(other);
  });

  it('can be measured on its class, to see it drift', async () => {
    const diffusion = { ...withPrior, prior: { ...withPrior.prior, pictures: 2 }, heldOut: 'class' };
    const events = await eventsOf(specification('drift', lora, { steps: 1, diffusion }));
    expect(noticesOf(events).find((one) => one.startsWith('trained on'))).toMatch(
      /^trained on 5 of 5 pictures of the subject; measured on 1 of the class/,
    );
  });

  it('finds latents that an earlier run made', async () => {
    const cacheDirectory = join(workspace, 'cache');
    const modelFiles = readModelFilesSync(modelDirectory);
    const job = (name: string): RunSpecification => ({
      ...specification(name, lora, { steps: 1 }),
      cacheDirectory,
      modelFiles,
    });
    const made = await eventsOf(job('cache made'));
    expect(readdirSync(join(cacheDirectory, 'latents'))).toHaveLength(5);
    const found = await eventsOf(job('cache found'));
    expect(noticesOf(found)).toContain('latents of 5 views of pictures: 5 found in the cache, 0 made');
    expect(valuesOf(found, 'train/loss')).toEqual(valuesOf(made, 'train/loss'));
  });

  it.each([
    [
      { diffusion: { ...drawn, prompt: null } },
      'training.diffusion.prompt: 5 pictures of the data have no caption',
    ],
    [
      { diffusion: { ...withPrior, prior: { prompt: 'x', pictures: 4 } } },
      'asks for 4 pictures of the class, and the data have 3',
    ],
    [
      { diffusion: { ...drawn, clipSkip: 9 } },
      'training.diffusion.clipSkip: 9 is before the first layer of a text encoder, which has 3; take 1 to 3, or none',
    ],
    [
      { diffusion: { ...drawn, timesteps: { to: 1001 } } },
      'training.diffusion.timesteps.to: 1001 is more than the 1000',
    ],
    [{ packing: true }, 'training.packing: '],
    [{ pictures: {} }, 'training.pictures: is of models that compare'],
  ])('is refused by name: %j', async (training, message) => {
    await expect(eventsOf(specification('refused', lora, training))).rejects.toThrow(message);
  });
});
