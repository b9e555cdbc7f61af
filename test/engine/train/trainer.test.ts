import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import {
  describeAdapter,
  adapterSettingsSchema,
} from '../../../main/engine/adapters/settings/adapter-settings.ts';
import type { Example } from '../../../main/engine/data/examples/examples.ts';
import { calibrate } from '../../../main/engine/init/calibration.ts';
import { initialiseAdapter } from '../../../main/engine/init/initialise-adapter.ts';
import { openModel } from '../../../main/engine/models/model.ts';
import { createRandom } from '../../../main/engine/random.ts';
import { readCheckpoint, writeCheckpoint, type Progress } from '../../../main/engine/train/checkpoint.ts';
import { createTrainer, type Trainer, type TrainerOptions } from '../../../main/engine/train/trainer.ts';
import { tokenBatches } from '../../support/token-batches.ts';
import type { TokenBatch } from '../../../main/engine/data/batches/token-batch.ts';

const model = openModel(join(import.meta.dirname, '../../numeric/fixtures/llama_rope_scaled/model'));
const layers = model.linearLayers;
const random = createRandom(11);
const example = (length: number, sourceRow: number): Example => ({
  inputIds: Int32Array.from({ length }, () => random.integer(128)),
  targets: Uint8Array.from({ length }, (_, at) => (at > length / 3 ? 1 : 0)),
  sourceRow,
});
const examples = [7, 12, 5, 9, 11, 6, 8, 10].map(example);
const batches = (options: {
  batchSize: number;
  packing?: boolean;
  padTo?: 'longest' | 'sequence';
}): TokenBatch[] => [...tokenBatches({ examples, sequenceLength: 24, packing: false, ...options })];

const description = describeAdapter(adapterSettingsSchema.parse({ method: 'lora', rank: 4, alpha: 8 }));
const values = await initialiseAdapter({ model, description, layers, seed: 5 });
const options: TrainerOptions = {
  model,
  adapter: { description, layers, values },
  trainedWeights: [],
  positions: 24,
  labels: 8 * 24,
  memory: 'fast',
  optimizer: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01, maxGradientNorm: 1 },
  gradientAccumulation: 1,
  threads: 2,
};

const open: Trainer[] = [];
const trainer = async (changes: Partial<TrainerOptions> = {}): Promise<Trainer> => {
  const created = await createTrainer({ ...options, ...changes });
  open.push(created);
  return created;
};
afterEach(async () => {
  for (const one of open.splice(0)) await one.release();
});

describe('the loss', () => {
  it('starts at the base model’s: the delta is zero', async () => {
    const adapted = await (await trainer()).evaluate(batches({ batchSize: 4 }));
    expect(
      await (
        await trainer({ adapter: null, trainedWeights: ['model.norm.weight'] })
      ).evaluate(batches({ batchSize: 4 })),
    ).toEqual(adapted);
  });

  it('does not depend on padding, batching or packing', async () => {
    const one = await trainer();
    const { loss: alone } = await one.evaluate(batches({ batchSize: 1 }));
    for (const choice of [
      { batchSize: 8 },
      { batchSize: 3, padTo: 'sequence' as const },
      { batchSize: 2, packing: true },
    ])
      expect((await one.evaluate(batches(choice))).loss / alone).toBeCloseTo(1, 6);
  });
});

describe('a step', () => {
  it('over micro-batches is the step over all their rows at once', async () => {
    const [whole] = batches({ batchSize: 8 });
    const [together, apart] = [await trainer(), await trainer({ gradientAccumulation: 4 })];
    for (let step = 0; step < 3; step++) {
      const [a, b] = [await together.step([whole!], 1e-2), await apart.step(batches({ batchSize: 2 }), 1e-2)];
      expect(b.loss / a.loss).toBeCloseTo(1, 6);
      expect(b.gradientNorm / a.gradientNorm).toBeCloseTo(1, 5);
    }
  });

  it('repeats bit for bit, and goes on bit for bit from a checkpoint on disk', async () => {
    const stream = batches({ batchSize: 2 });
    const run = async (one: Trainer, steps: number[]): Promise<void> => {
      for (const step of steps) await one.step([stream[step % stream.length]!], 1e-2);
    };
    const [first, again, half] = [await trainer(), await trainer(), await trainer()];
    await run(first, [0, 1, 2, 3, 4, 5]);
    await run(again, [0, 1, 2, 3, 4, 5]);
    expect(await again.state()).toEqual(await first.state());

    await run(half, [0, 1, 2]);
    const directory = join(mkdtempSync(join(tmpdir(), 'nora-checkpoint-')), 'step-3');
    const progress: Progress = {
      stream: { seed: 1, examples: 8, epoch: 0, row: 6 },
      validationAccuracyBefore: null,
      validationLossBefore: 5,
      metricsBefore: { loss: 5 },
      evaluations: [{ step: 2, loss: 4.5, accuracy: null }],
      initialisationSeconds: 1,
      stepSeconds: [0.5],
      stepTokens: [20],
      stepPictures: [],
      totalSeconds: 2,
      peakMemoryBytes: 3,
      sampleSeconds: 0,
      sharedMemory: false,
    };
    await writeCheckpoint(directory, { state: await half.state(), progress, startSeal: null });
    const read = readCheckpoint(directory, half.layout.total);
    expect(read.progress).toEqual(progress);
    const resumed = await trainer({ from: read.state });
    await run(resumed, [3, 4, 5]);
    expect(await resumed.state()).toEqual(await first.state());
    expect(() => readCheckpoint(directory, 7)).toThrow(
      `parameters has ${half.layout.total} numbers, this run trains 7`,
    );
  });

  it('computes layers again without changing a bit', async () => {
    const [batch] = batches({ batchSize: 8 });
    const [fast, low] = [await trainer({ memory: 'fast' }), await trainer({ memory: 'low' })];
    for (let step = 0; step < 3; step++)
      expect(await low.step([batch!], 1e-2)).toEqual(await fast.step([batch!], 1e-2));
    expect(low.state()).toEqual(fast.state());
  });

  it('trains every base weight too, embeddings and norms among them', async () => {
    const full = await trainer({ adapter: null, trainedWeights: [...model.weightShapes.keys()] });
    const [batch] = batches({ batchSize: 8 });
    const losses: number[] = [];
    for (let step = 0; step < 20; step++) losses.push((await full.step([batch!], 1e-2)).loss);
    expect(losses.at(-1)).toBeLessThan(losses[0]! / 2);
  });
});

describe('NoRA at its start', () => {
  it('takes frozen factors from the decomposition and draws the inner pair by the seed', async () => {
    const nora = describeAdapter(adapterSettingsSchema.parse({ method: 'nora', outerRank: 8, innerRank: 2 }));
    const statistics = await calibrate({
      model,
      layers,
      batches: batches({ batchSize: 4 }),
      positions: 24,
      threads: 2,
    });
    const start = (seed: number) =>
      initialiseAdapter({ model, description: nora, layers, seed, calibrate: async () => statistics });
    const [one, same, other] = [await start(1), await start(1), await start(2)];
    expect(same).toEqual(one);
    expect(other.get('model.layers.0.self_attn.q_proj.lora_A')).toEqual(
      one.get('model.layers.0.self_attn.q_proj.lora_A'),
    );
    expect(other.get('model.layers.0.self_attn.q_proj.inner_A')).not.toEqual(
      one.get('model.layers.0.self_attn.q_proj.inner_A'),
    );
    expect(new Set(one.get('model.layers.0.self_attn.q_proj.inner_B'))).toEqual(new Set([0]));
  });

  it('measures activations over real tokens only', async () => {
    const of = async (choice: { batchSize: number; padTo?: 'sequence' }) =>
      calibrate({ model, layers, batches: batches(choice), positions: 24, threads: 2 });
    const [alone, padded] = [await of({ batchSize: 1 }), await of({ batchSize: 8, padTo: 'sequence' })];
    for (const [module, { 'mean-absolute': means }] of alone) {
      const withPadding = padded.get(module)!['mean-absolute']!;
      means!.forEach((mean, at) => expect(withPadding[at]! / mean).toBeCloseTo(1, 5));
    }
  });
});
