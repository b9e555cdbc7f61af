import { describe, expect, it } from 'vitest';
import { integersOf, tensorOf, type Batch } from '../../../main/engine/data/batches/batch.ts';
import { trainingSettingsSchema } from '../../../main/engine/train/settings/training-settings.ts';
import { diffusionSettingsOf } from '../../../main/engine/train/settings/diffusion-settings.ts';
import { diffusionBatches } from '../../../main/trainer/run/diffusion/diffusion-batches.ts';
import {
  plainView,
  type DiffusionMakers,
  type SizedPicture,
} from '../../../main/trainer/run/diffusion/diffusion-data.ts';
import { heldOutDraws } from '../../../main/trainer/run/diffusion/held-out-draws.ts';
import type { View } from '../../../main/trainer/run/diffusion/latents.ts';
import { gaussianNoise } from '../../../main/engine/diffusion/gaussian.ts';

const picture = (name: string, more: Partial<SizedPicture> = {}): SizedPicture => ({
  name,
  place: 'dogs',
  caption: null,
  prior: false,
  repeats: 1,
  width: 64,
  height: 64,
  ...more,
});
const train = [...'abc'].map((name) => picture(name)).concat(picture('w', { width: 128, repeats: 2 }));
const prior = [...'xyz'].map((name) => picture(name, { prior: true }));
const heldOut = [picture('h'), picture('i')];

const nameNumber = (name: string): number => name.codePointAt(0)!;
const sizes = [64, 64, 0, 0, 64, 64];

const asked: View[] = [];
const makers: DiffusionMakers = {
  model: {
    channels: 1,
    scaling: 0.5,
    prediction: 'epsilon',
    alphas: Float32Array.from({ length: 100 }, (_, at) => 1 - (at + 1) / 101),
    latent: { channels: 1, pixels: 8, granularity: 2 },
    times: (timesteps) => Float32Array.from(timesteps),
    timesteps: 100,
    conditions: [{ name: 'text_states', dataType: 'float32', shape: ['tokens', 1] }],
  },
  latents: (view) => {
    asked.push(view);
    const [height, width] = [view.height / 8, view.width / 8];
    const area = height * width;
    const moments = gaussianNoise(2 * area, { seed: nameNumber(view.name), stream: 0 });
    return Promise.resolve({ moments, height, width, sizes });
  },
  viewOf: (one, { epoch, place }) => ({ ...plainView(one), mirrored: (epoch + place) % 2 === 0 }),
  conditions: (text) =>
    Promise.resolve({ text_states: { shape: [1, 1], data: Float32Array.of(text.length) } }),
  release: () => Promise.resolve(),
};

const batchesOf = (given: object, { seed = 3, withPrior = false } = {}) => {
  const diffusion = {
    prompt: 'a photo of sks dog',
    heldOutDraws: 8,
    ...(withPrior && { prior: { prompt: 'a dog', weight: 0.5 } }),
  };
  const training = trainingSettingsSchema.parse({ batchSize: 2, steps: 6, diffusion, ...given });
  const data = { train, prior: withPrior ? prior : [], heldOut, settings: diffusionSettingsOf(training) };
  return diffusionBatches({ training, seed }, data, makers);
};
const all = async (batches: AsyncIterable<Batch> | Iterable<Batch>): Promise<Batch[]> => {
  const made: Batch[] = [];
  for await (const batch of batches) made.push(batch);
  return made;
};
/** Each picture's latent, target and timestep, whatever batch they are in. */
const picturesIn = (batches: readonly Batch[]): string[] =>
  batches.flatMap((batch) => {
    const [latents, targets, times] = ['latents', 'target', 'times'].map((name) => tensorOf(batch, name));
    const size = latents!.data.length / batch.batch;
    return Array.from({ length: batch.batch }, (_, at) =>
      JSON.stringify([
        [...(latents!.data as Float32Array).subarray(at * size, (at + 1) * size)],
        [...(targets!.data as Float32Array).subarray(at * size, (at + 1) * size)],
        times!.data[at],
      ]),
    );
  });

describe('batches of latents', () => {
  it('go on from every step bit for bit', async () => {
    for (const withPrior of [false, true]) {
      const whole = batchesOf({}, { withPrior }).stream();
      const states = [whole.state()];
      const steps: (readonly Batch[])[] = [];
      for (let step = 0; step < 6; step++) {
        steps.push(await whole.take(1));
        states.push(whole.state());
      }
      for (const [step, state] of states.entries()) {
        const again = batchesOf({}, { withPrior }).stream(state);
        for (const expected of steps.slice(step)) expect(await again.take(1)).toEqual(expected);
      }
    }
  });

  it('show a picture with the same noise whatever else is in a batch', async () => {
    const seen = async (batchSize: number): Promise<string[]> => {
      const stream = batchesOf({ steps: undefined, epochs: 2, batchSize }).stream();
      return picturesIn(await stream.take(100)).toSorted();
    };
    const [one, three] = [await seen(1), await seen(3)];
    expect(one).toHaveLength(10);
    expect(three).toEqual(one);
  });

  it('are of one size, with as many class pictures in that size', async () => {
    asked.length = 0;
    const taken = await batchesOf({}, { withPrior: true }).stream().take(6);
    for (const batch of taken) {
      expect(batch).toMatchObject({ batch: 4, scored: 2 });
      const numbers = tensorOf(batch, 'target').shape[1]!;
      const weights = [...(tensorOf(batch, 'picture_weights').data as Float32Array)];
      expect(weights.map((weight) => Number((weight * numbers).toFixed(4)))).toEqual([1, 1, 0.5, 0.5]);
    }
    expect(new Set(taken.map((batch) => batch.sequence))).toEqual(new Set([64, 128]));
    expect(asked.some(({ name, width }) => 'xyz'.includes(name) && width === 128)).toBe(true);
    const texts = tensorOf(taken[0]!, 'text_states').data;
    expect([...(texts as Float32Array)]).toEqual([18, 18, 5, 5]);
  });

  it('weigh timesteps by min-SNR', async () => {
    const [batch] = await batchesOf({
      batchSize: 1,
      diffusion: { prompt: 'x', minSnrGamma: 5, timesteps: { from: 1, to: 2 } },
    })
      .stream()
      .take(1);
    const alpha = makers.model.alphas[1]!;
    const snr = alpha / (1 - alpha);
    const numbers = tensorOf(batch!, 'target').shape[1]!;
    expect(Number(tensorOf(batch!, 'picture_weights').data[0]) * numbers).toBeCloseTo(5 / snr, 5);
  });

  it('are counted', () => {
    expect(batchesOf({ steps: 9 }).countSteps()).toBe(9);
    expect(batchesOf({ steps: undefined, epochs: 2 }).countSteps()).toBe(5);
    expect(batchesOf({ steps: undefined, epochs: 2, gradientAccumulation: 2 }).countSteps()).toBe(3);
    // An epoch is 3 x 64 + 2 x 128 places.
    expect(batchesOf({ steps: undefined, maxTokens: 448, batchSize: 1 }).countSteps()).toBe(5);
    expect(batchesOf({ steps: undefined, maxTokens: 449, batchSize: 1 }).countSteps()).toBe(6);
    expect(
      batchesOf({ steps: undefined, maxTokens: 896, batchSize: 1 }, { withPrior: true }).countSteps(),
    ).toBe(5);
  });
});

describe('what is measured', () => {
  it('is the same for every seed, batch size and step, spread over the schedule', async () => {
    const measured = async (given: object, seed: number): Promise<string[]> =>
      picturesIn(await all(batchesOf(given, { seed }).heldOut().batches));
    const first = await measured({}, 3);
    expect(first).toHaveLength(16);
    expect(await measured({ batchSize: 5 }, 99)).toEqual(first);
    const quarters = heldOutDraws(heldOut[0]!, 8, 100).map(({ timestep }) => Math.floor(timestep / 25));
    expect(quarters).toEqual([0, 0, 1, 1, 2, 2, 3, 3]);
    expect(heldOutDraws(heldOut[0]!, 8, 100)).not.toEqual(heldOutDraws(heldOut[1]!, 8, 100));
  });

  it('is the middle of the posterior, unmirrored and without weights', async () => {
    asked.length = 0;
    const [batch] = await all(
      batchesOf({ diffusion: { prompt: 'x', minSnrGamma: 5, captionDropout: 1 } }).heldOut().batches,
    );
    const numbers = tensorOf(batch!, 'target').shape[1]!;
    expect([...(tensorOf(batch!, 'picture_weights').data as Float32Array)]).toEqual([
      1 / numbers,
      1 / numbers,
    ]);
    expect([...(tensorOf(batch!, 'text_states').data as Float32Array)]).toEqual([1, 1]);
    expect(asked.every(({ mirrored }) => !mirrored)).toBe(true);
    expect(integersOf(batch!, 'quarters')).toHaveLength(2);
  });

  it('is as many batches as was asked for', async () => {
    const { count, batches } = batchesOf({ evaluationBatches: 3 }).heldOut();
    expect(count).toBe(3);
    expect(await all(batches)).toHaveLength(3);
  });
});

it('calibration sees timesteps from all over the schedule', async () => {
  const taken = await batchesOf({}).calibration(4);
  const timesteps = taken.flatMap((batch) => [...(tensorOf(batch, 'times').data as Float32Array)]);
  expect(timesteps.toSorted((a, b) => a - b)).toEqual([6, 18, 31, 43, 56, 68, 81, 93]);
  expect(timesteps).not.toEqual(timesteps.toSorted((a, b) => a - b));
  expect(taken).toEqual(await batchesOf({}).calibration(4));
});
