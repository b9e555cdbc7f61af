import { describe, expect, it, test } from 'vitest';
import type { Example } from '../../../main/engine/data/examples/examples.ts';
import { createRandom, type Random } from '../../../main/engine/random.ts';
import { countSteps } from '../../../main/engine/train/settings/count-steps.ts';
import { knownSteps, lengthOf, lengthText } from '../../../main/engine/train/settings/run-length.ts';
import { trainingSettingsSchema } from '../../../main/engine/train/settings/training-settings.ts';
import { exampleOf } from '../data/fixtures.ts';
import { tokenStream } from '../../support/token-batches.ts';
import { tokenBatching } from '../../../main/engine/data/batches/token-batching.ts';

const drawExamples = (random: Random, longest: number): Example[] =>
  Array.from({ length: 1 + random.integer(30) }, (_, index) =>
    exampleOf(2 + random.integer(longest - 1), 1000 * (index + 1), 0, index),
  );

/** A run's settings and data, drawn by the seed. */
const draw = (seed: number, packing: boolean) => {
  const random = createRandom(seed);
  const sequenceLength = 4 + random.integer(20);
  const examples = drawExamples(random, sequenceLength);
  const [batchSize, accumulation] = [1 + random.integer(5), 1 + random.integer(4)];
  const rows = { examples, sequenceLength, packing, batchSize, seed };
  return {
    random,
    rows,
    accumulation,
    options: { ...rows, batching: tokenBatching(rows), rowsPerStep: batchSize * accumulation },
  };
};

describe.each([false, true])('the steps of a run (packing: %s)', (packing) => {
  it('of epochs are those that the batches make, and every row is seen once in each', () => {
    for (let seed = 0; seed < 200; seed++) {
      const { random, rows, accumulation, options } = draw(seed, packing);
      const epochs = 1 + random.integer(4);
      const stream = tokenStream({ ...rows, epochs });
      let steps = 0;
      const seen: bigint[] = [];
      for (let step = stream.take(accumulation); step.length > 0; step = stream.take(accumulation)) {
        steps++;
        for (const { tensors } of step)
          seen.push(...tensors.input_ids.data.filter((id) => id > 0n && id % 1000n === 0n));
      }
      expect(countSteps({ unit: 'epochs', count: epochs }, options)).toBe(steps);
      const { length } = rows.examples;
      const all = rows.examples.map(({ inputIds }) => BigInt(inputIds[0]!));
      for (let epoch = 0; epoch < epochs; epoch++)
        expect(seen.slice(epoch * length, (epoch + 1) * length).sort((a, b) => Number(a - b))).toEqual(all);
      expect(seen).toHaveLength(epochs * length);
    }
  });

  it('of tokens end with the first that reaches them', () => {
    for (let seed = 0; seed < 200; seed++) {
      const { random, rows, accumulation, options } = draw(seed, packing);
      const maxTokens = 1 + random.integer(2000);
      const stream = tokenStream(rows);
      let [steps, tokens] = [0, 0];
      while (tokens < maxTokens) {
        steps++;
        for (const batch of stream.take(accumulation)) tokens += batch.tokens;
      }
      expect(countSteps({ unit: 'maxTokens', count: maxTokens }, options)).toBe(steps);
    }
  });
});

test('more tokens than ten thousand epochs have are refused', () => {
  const options = { ...draw(0, false).options, examples: [exampleOf(4, 1)] };
  expect(countSteps({ unit: 'maxTokens', count: 40_000 }, { ...options, rowsPerStep: 1 })).toBe(10_000);
  expect(() => countSteps({ unit: 'maxTokens', count: 40_001 }, options)).toThrow(
    'training.maxTokens: 40001 tokens are 10001 epochs of 4 tokens, at most 10000 are possible',
  );
});

describe('the settings of the length', () => {
  const parse = (settings: object) => trainingSettingsSchema.parse(settings);
  const problemsOf = (settings: object): unknown =>
    trainingSettingsSchema
      .safeParse(settings)
      .error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);

  it.each([
    [{}, { unit: 'steps', count: 100 }, '100 steps'],
    [{ steps: 50 }, { unit: 'steps', count: 50 }, '50 steps'],
    [{ epochs: 1 }, { unit: 'epochs', count: 1 }, '1 epoch'],
    [{ maxTokens: 2_000_000 }, { unit: 'maxTokens', count: 2_000_000 }, '2,000,000 tokens'],
    [{ stepsPerShot: 500, pictures: { shots: 4 } }, { unit: 'stepsPerShot', count: 500 }, '500 steps a shot'],
  ])('%o', (settings, length, text) => {
    const parsed = parse(settings);
    expect(lengthOf(parsed)).toEqual(length);
    expect(lengthText(parsed)).toBe(text);
    // As it is kept, and read again.
    expect(parse(JSON.parse(JSON.stringify(parsed)) as object)).toEqual(parsed);
  });

  it('of experiments that were kept before there was another mean the same', () => {
    const kept = {
      ...{
        steps: 50,
        batchSize: 8,
        gradientAccumulation: 2,
        sequenceLength: 192,
        packing: true,
        lossOn: 'all',
      },
      ...{ learningRate: 1e-3, schedule: 'cosine', warmupSteps: 5, weightDecay: 0, weightDecayOn: 'all' },
      ...{ beta1: 0.9, beta2: 0.999, epsilon: 1e-8, maxGradientNorm: null, labelSmoothing: 0 },
      ...{ evaluateEvery: 0, evaluationBatches: null, checkpointEvery: 10, memory: 'fast' },
      ...{ baseFormat: 'fp32', memoryCheck: 'refuse', threads: null, device: 'cpu' },
    };
    expect(parse(kept)).toMatchObject({ ...kept, warmupRatio: 0, earlyStopping: null, keepBest: false });
    expect(lengthOf(parse(kept))).toEqual({ unit: 'steps', count: 50 });
  });

  it('are one', () => {
    const one = "steps is given too; a run's length is one of steps, epochs, maxTokens and stepsPerShot";
    expect(problemsOf({ steps: 10, epochs: 2, maxTokens: 5 })).toEqual([
      `epochs: ${one}`,
      `maxTokens: ${one}`,
    ]);
    expect(problemsOf({ epochs: 1.5 })).toHaveLength(1);
  });

  it('by shots need shots, and are known before anything is read', () => {
    expect(knownSteps(parse({ stepsPerShot: 500, pictures: { shots: 16 } }))).toBe(8000);
    expect(knownSteps(parse({ steps: 7 }))).toBe(7);
    expect(knownSteps(parse({ epochs: 2 }))).toBeNull();
    for (const without of [{}, { pictures: { shots: 'all' } }, { pictures: null }])
      expect(problemsOf({ stepsPerShot: 500, ...without })).toEqual([
        'stepsPerShot: no shots are drawn; give training.pictures.shots as a number, or the length in steps or epochs',
      ]);
  });

  it('in epochs go with no small batches at the ends of epochs', () => {
    const pictures = { epochEnd: 'small-batch' };
    expect(problemsOf({ epochs: 2, pictures })).toEqual([
      'pictures.epochEnd: with small batches at the ends of epochs the length is counted in steps; give steps or stepsPerShot',
    ]);
    expect(problemsOf({ steps: 2, pictures })).toBeUndefined();
  });

  it('of a rate that falls end below it', () => {
    expect(problemsOf({ learningRate: 1e-4, finalLearningRate: 1e-3 })).toEqual([
      'finalLearningRate: 0.001 is more than learningRate 0.0001, which falls to it',
    ]);
  });

  it('of the warmup are one of two', () => {
    expect(problemsOf({ warmupSteps: 3, warmupRatio: 0.1 })).toEqual([
      'warmupRatio: warmupSteps is given too; the warmup is one of both',
    ]);
    expect(problemsOf({ warmupSteps: 0, warmupRatio: 0.1 })).toBeUndefined();
  });

  it.each([
    ['early stopping', { earlyStopping: {} }],
    ['keeping the best', { keepBest: true }],
  ])('%s needs evaluations', (what, settings) => {
    expect(problemsOf(settings)).toEqual([
      `evaluateEvery: ${what} needs evaluations during training: at least 1, not 0`,
    ]);
    expect(problemsOf({ ...settings, evaluateEvery: 5 })).toBeUndefined();
  });
});
