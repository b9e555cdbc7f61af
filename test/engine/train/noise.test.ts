import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RandomRows } from '../../../main/engine/graph/builder.ts';
import { createGraphBuilder } from '../../../main/engine/graph/create-graph-builder.ts';
import type { Value } from '../../../main/engine/graph/graph.ts';
import { openModel } from '../../../main/engine/models/model.ts';
import { createRandom } from '../../../main/engine/random.ts';
import { createSession } from '../../../main/engine/runtime/session.ts';
import { createTrainer, type Trainer, type TrainerState } from '../../../main/engine/train/trainer.ts';
import { goldenMethods, readBatches } from '../../numeric/golden/golden-folder.ts';

interface Reference {
  readonly rate: number;
  readonly alpha: number;
  readonly seed: number;
  readonly runs: readonly {
    readonly method: string;
    readonly neftune: boolean;
    readonly losses: readonly number[];
    readonly gradientNorms: readonly number[];
  }[];
}

/** PEFT's own runs, with the same numbers drawn by another implementation: test/numeric/make-noise-reference.py. */
const { rate, alpha, seed, runs } = JSON.parse(
  readFileSync(join(import.meta.dirname, 'fixtures/noise.json'), 'utf8'),
) as Reference;

const folder = join(import.meta.dirname, '../../numeric/fixtures/llama');
const model = openModel(join(folder, 'model'));
const batches = readBatches(folder);

interface Asked {
  readonly method: string;
  readonly dropout: number;
  readonly neftuneAlpha: number;
  readonly memory?: 'fast' | 'low';
  readonly from?: TrainerState;
}

const trainerOf = async ({
  method,
  dropout,
  neftuneAlpha,
  memory = 'fast',
  from,
}: Asked): Promise<Trainer> => {
  const { start } = await goldenMethods[method]!(join(folder, method), model);
  return createTrainer({
    model,
    adapter: { ...start, description: { ...start.description, dropout } },
    trainedWeights: [],
    positions: 12,
    labels: 36,
    memory,
    optimizer: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01, maxGradientNorm: 1 },
    gradientAccumulation: 1,
    neftuneAlpha,
    noiseSeed: seed,
    threads: 1,
    ...(from ? { from } : {}),
  });
};

const steps = async (trainer: Trainer, count: number): Promise<{ loss: number; gradientNorm: number }[]> => {
  const results = [];
  for (let step = 0; step < count; step++)
    results.push(await trainer.step([batches[trainer.stepsDone() % batches.length]!], 4e-3));
  return results;
};

describe.each(runs)("PEFT's run: $method, NEFTune $neftune", ({ method, neftune, losses, gradientNorms }) => {
  it.each(['fast', 'low'] as const)('is repeated to the last digits, memory %s', async (memory) => {
    const trainer = await trainerOf({ method, dropout: rate, neftuneAlpha: neftune ? alpha : 0, memory });
    const own = await steps(trainer, losses.length);
    await trainer.release();
    own.forEach(({ loss, gradientNorm }, at) => {
      expect(Math.abs(loss / losses[at]! - 1)).toBeLessThan(2e-5);
      expect(Math.abs(gradientNorm / gradientNorms[at]! - 1)).toBeLessThan(1e-4);
    });
  });
});

it('goes on from a checkpoint bit for bit, and leaves evaluation alone', async () => {
  const asked = { method: 'lora', dropout: rate, neftuneAlpha: alpha };
  const whole = await trainerOf(asked);
  await steps(whole, 3);
  const half = await whole.state();
  await steps(whole, 3);
  const resumed = await trainerOf({ ...asked, from: half });
  await steps(resumed, 3);
  expect(await resumed.state()).toEqual(await whole.state());

  const plain = await trainerOf({ ...asked, dropout: 0, neftuneAlpha: 0, from: half });
  const disturbed = await trainerOf({ ...asked, from: half });
  expect(await disturbed.evaluate(batches)).toEqual(await plain.evaluate(batches));
  for (const trainer of [whole, resumed, plain, disturbed]) await trainer.release();
});

describe('numbers without a state', () => {
  const [rows, columns] = [700, 300];
  const random = createRandom(5);
  const words = (count: number): BigInt64Array =>
    BigInt64Array.from({ length: count }, () => BigInt(random.integer(2 ** 32) - 2 ** 31));
  const run = async (draw: (rows: RandomRows, columns: Value) => Value, g = createGraphBuilder()) => {
    const drawn = draw(
      { factors: g.input('factors', 'int64', [rows, 1]), shifts: g.input('shifts', 'int64', [rows, 1]) },
      g.constant('columns', [columns], words(columns)),
    );
    const session = await createSession(g.build({ drawn }), { threads: 1 });
    const outputs = await session.run({
      factors: { shape: [rows, 1], data: words(rows) },
      shifts: { shape: [rows, 1], data: words(rows) },
    });
    await session.release();
    return outputs['drawn']!.data as Float32Array;
  };
  const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

  it('are uniform, and independent between rows and between columns', async () => {
    const g = createGraphBuilder();
    const drawn = await run(g.uniform, g);
    const at = (row: number, column: number): number => drawn[row * columns + column]!;
    const all = [...drawn];
    expect(Math.min(...all.slice(0, 20000))).toBeGreaterThanOrEqual(-1);
    expect(Math.abs(mean(all))).toBeLessThan(0.01);
    expect(Math.abs(mean(all.map((x) => x * x)) - 1 / 3)).toBeLessThan(0.005);
    // Products of different entries average to zero: neighbours in a row, in a column, and distant ones.
    for (const [down, right] of [
      [0, 1],
      [1, 0],
      [1, 1],
      [0, 7],
      [13, 29],
    ] as const) {
      const products = [];
      for (let row = 0; row + down < rows; row++)
        for (let column = 0; column + right < columns; column++)
          products.push(at(row, column) * at(row + down, column + right));
      expect(Math.abs(mean(products))).toBeLessThan(0.005);
    }
    // Each tenth of the range has a tenth of the numbers.
    const counts = new Array<number>(10).fill(0);
    for (const value of all) counts[Math.min(9, Math.floor((value + 1) * 5))]!++;
    for (const count of counts) expect(Math.abs(count / all.length - 0.1)).toBeLessThan(0.003);
  });

  it.each([0.05, 0.5, 0.9, 1])(
    'are 1 with probability %s, in every row and column alike',
    async (probability) => {
      const g = createGraphBuilder();
      const drawn = await run((a, b) => g.bernoulli(a, b, probability), g);
      const deviation = Math.sqrt(probability * (1 - probability));
      expect([...new Set(drawn)].every((value) => value === 0 || value === 1)).toBe(true);
      expect(Math.abs(mean([...drawn]) - probability)).toBeLessThanOrEqual(0.01 * deviation);
      const share = Array.from({ length: columns }, (_, column) =>
        mean(Array.from({ length: rows }, (_, row) => drawn[row * columns + column]!)),
      );
      // Shares of columns spread as those of independent draws do: deviation / sqrt(rows).
      const spread = Math.sqrt(mean(share.map((value) => (value - probability) ** 2)));
      expect(spread).toBeLessThanOrEqual((1.25 * deviation) / Math.sqrt(rows));
      expect(spread).toBeGreaterThanOrEqual((0.8 * deviation) / Math.sqrt(rows));
    },
  );
});
