import { describe, expect, it } from 'vitest';
import { sequentialBatches } from '../../../main/engine/data/batches/batches.ts';
import { integersOf, tensorOf, type Batch } from '../../../main/engine/data/batches/batch.ts';
import { metricRegistry } from '../../../main/engine/metrics/registry.ts';
import {
  noisyBatch,
  quarterOf,
  type NoisyPicture,
} from '../../../main/engine/objectives/diffusion/noisy-batch.ts';
import { noise } from '../../../main/engine/objectives/noise.ts';
import { createRandom } from '../../../main/engine/random.ts';
import { runLoss, type TinyModel } from './run-loss.ts';

const diffusion = {
  latent: { channels: 1, pixels: 8, granularity: 2 },
  times: (timesteps: readonly number[]) => Float32Array.from(timesteps, (timestep) => timestep / 1000),
  timesteps: 1000,
  positions: 3,
  conditions: [{ name: 'text_states', dataType: 'float32', shape: ['tokens', 2] }],
} as const;
const numbers = 8;
const random = createRandom(5);
const drawn = (length: number): Float32Array => Float32Array.from({ length }, random.normal);

const picture = (more: Partial<NoisyPicture> = {}): NoisyPicture => ({
  latent: drawn(numbers),
  target: drawn(numbers),
  height: 2,
  width: 4,
  timestep: 0,
  conditions: { text_states: { shape: [3, 2], data: drawn(6) } },
  weight: 1,
  counts: true,
  ...more,
});

/** A denoiser of one matrix: (images x 8) -> (images x 8). */
const model: TinyModel = {
  weight: { shape: [numbers, numbers], data: drawn(numbers * numbers) },
  hidden: (g) => g.reshape(g.input('latents', 'float32', ['images', 1, 2, 4]), ['images', numbers]),
};

/** The weighted sum of mean squares over the pictures that count, and its gradient by W: 2 w / (n count) (W x - t) x^T. */
const byHand = (pictures: readonly NoisyPicture[]): { loss: number; gradient: number[] } => {
  const counted = pictures.filter(({ counts }) => counts).length;
  const gradient = Array.from({ length: numbers * numbers }, () => 0);
  let loss = 0;
  for (const { latent, target, weight } of pictures)
    for (let out = 0; out < numbers; out++) {
      let off = -target[out]!;
      for (let into = 0; into < numbers; into++)
        off += Number(model.weight.data[out * numbers + into]) * latent[into]!;
      loss += (weight * off * off) / numbers / counted;
      for (let into = 0; into < numbers; into++)
        gradient[out * numbers + into]! += (2 * weight * off * latent[into]!) / numbers / counted;
    }
  return { loss, gradient };
};

const batchOf = (pictures: readonly NoisyPicture[]): Batch => noisyBatch(diffusion, pictures);
const batchesOf = (examples: readonly NoisyPicture[], batchSize: number): Batch[] => [
  ...sequentialBatches({ examples, batchSize, batching: noise.batching({ diffusion }) }),
];
const close = (found: ArrayLike<number>, expected: readonly number[]): void =>
  expected.forEach((value, at) => expect(found[at]).toBeCloseTo(value, 4));

describe('the loss', () => {
  const pictures = [
    picture({ weight: 0.5 }),
    picture(),
    picture({ weight: 0.25, counts: false }),
    picture({ weight: 2, timestep: 999 }),
  ];

  it('is the weighted mean square over the pictures that count, as its gradient, however a step is cut', async () => {
    const expected = byHand(pictures);
    for (const batchSize of [4, 3, 1]) {
      const { loss, gradient } = await runLoss(noise, model, batchesOf(pictures, batchSize));
      expect(loss).toBeCloseTo(expected.loss, 4);
      close(gradient, expected.gradient);
    }
  });

  it('is told for each quarter of the schedule, without weights', async () => {
    const held = [0, 250, 251, 999].map((timestep, at) => picture({ timestep, weight: at === 1 ? 7 : 1 }));
    const { sums } = await runLoss(noise, model, batchesOf(held, 3));
    const metrics: Readonly<Record<string, number>> = { ...noise.metrics(sums) };
    const plain = (chosen: readonly NoisyPicture[]): number =>
      byHand(chosen.map((one) => ({ ...one, weight: 1 }))).loss;
    close(
      [metrics['loss_quarter_1']!, metrics['loss_quarter_2']!, metrics['loss_quarter_4']!, metrics['loss']!],
      [plain([held[0]!]), plain([held[1]!, held[2]!]), plain([held[3]!]), plain(held)],
    );
    expect(metrics).not.toHaveProperty('loss_quarter_3');
    const known = metricRegistry.map(({ name }): string => name);
    for (const name of Object.keys(metrics)) expect(known).toContain(`validation/${name}`);
  });
});

describe('a batch', () => {
  it('has what the graphs take, and what an evaluation looks at apart', () => {
    const batch = batchOf([picture({ timestep: 500 }), picture({ counts: false })]);
    expect(batch).toMatchObject({ batch: 2, scored: 1, sequence: 8, tokens: 16 });
    const fed = Object.keys(noise.feeds(batch, { labels: 2, outputs: 0 })).sort();
    expect(fed).toEqual(['latents', 'picture_weights', 'target', 'text_states', 'times']);
    expect(Object.keys(noise.scored.feeds(batch)).sort()).toEqual(['latents', 'text_states', 'times']);
    expect(tensorOf(batch, 'latents').shape).toEqual([2, 1, 2, 4]);
    expect(tensorOf(batch, 'text_states').shape).toEqual([2, 3, 2]);
    expect([...integersOf(batch, 'quarters')]).toEqual([2n, 0n]);
  });

  it('is of one size', () => {
    expect(() => batchOf([picture(), picture({ height: 4, width: 2 })])).toThrow('several sizes');
  });

  it('of noise is as large as it is asked for', () => {
    const batch = noise.randomBatch({
      diffusion: {
        ...diffusion,
        conditions: [{ name: 'input_ids', dataType: 'int64', shape: ['tokens'] }],
      },
      drawn: { images: 3, rows: 2, columns: 1, tokens: 3 },
      batchSize: 2,
      sequenceLength: 3,
      labels: null,
      outputs: 0,
      vocabularySize: 9,
      seed: 1,
    });
    expect(tensorOf(batch, 'latents').shape).toEqual([3, 1, 4, 2]);
    expect(tensorOf(batch, 'input_ids').shape).toEqual([3, 3]);
    expect(integersOf(batch, 'input_ids').every((id) => id >= 0n && id < 9n)).toBe(true);
  });

  it('counts every token of its texts for calibration, or all but the first', () => {
    const batch = batchOf([picture(), picture()]);
    const weights = (firstTokenCounts: boolean): number[] => [
      ...noise.calibrationWeights(batch, { firstTokenCounts, tokens: 'all' }),
    ];
    expect(weights(true)).toEqual([1, 1, 1, 1, 1, 1]);
    expect(weights(false)).toEqual([0, 1, 1, 0, 1, 1]);
  });
});

it('quarters are those of the schedule', () => {
  expect([0, 249, 250, 499, 500, 750, 999].map((timestep) => quarterOf(timestep, 1000))).toEqual([
    0, 0, 1, 1, 2, 3, 3,
  ]);
});
