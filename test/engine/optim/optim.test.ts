import { adamWGraph } from '../../../main/engine/optim/adamw.ts';
import { createSession } from '../../../main/engine/runtime/session.ts';
import { stepNumbers, updateScalars } from '../../../main/engine/train/step/update-scalars.ts';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { nativeAddon } from '../../../main/engine/linear-algebra/native.ts';
import { createRandom } from '../../../main/engine/random.ts';
import type { StateVectors } from '../../../main/engine/train/arm/arm.ts';
import {
  layoutParameters,
  packParameters,
  unpackParameters,
} from '../../../main/engine/optim/parameter-layout.ts';
import { learningRateAt, warmupStepsOf } from '../../../main/engine/optim/schedule.ts';
import { createUpdateInPlace } from '../../../main/engine/train/arm/update-in-place.ts';
import { describeWith } from '../../support/requirements.ts';

describe('learning rate schedules', () => {
  const rates = (schedule: 'constant' | 'linear' | 'cosine', warmupSteps: number): number[] =>
    Array.from({ length: 6 }, (_, step) =>
      Number(learningRateAt(step, { schedule, warmupSteps, steps: 6, learningRate: 1 }).toFixed(4)),
    );

  // get_constant_schedule_with_warmup, get_linear_schedule_with_warmup and get_cosine_schedule_with_warmup of transformers
  it('constant', () => expect(rates('constant', 2)).toEqual([0, 0.5, 1, 1, 1, 1]));
  it('linear', () => expect(rates('linear', 2)).toEqual([0, 0.5, 1, 0.75, 0.5, 0.25]));
  it('cosine', () => expect(rates('cosine', 2)).toEqual([0, 0.5, 1, 0.8536, 0.5, 0.1464]));
  // torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 4, eta_min=1e-6) of a rate of 2e-4
  it('cosine to a rate of its own', () => {
    const settings = { schedule: 'cosine', warmupSteps: 0, steps: 4, learningRate: 2e-4 } as const;
    const found = [0, 1, 2, 3, 4].map((step) =>
      learningRateAt(step, { ...settings, finalLearningRate: 1e-6 }).toExponential(5),
    );
    expect(found).toEqual(['2.00000e-4', '1.70857e-4', '1.00500e-4', '3.01429e-5', '1.00000e-6']);
  });
  it('without warmup', () => expect(rates('linear', 0)).toEqual([1, 0.8333, 0.6667, 0.5, 0.3333, 0.1667]));
});

// ceil(steps * ratio) in Python, the rounding of 100 * 0.07 = 7.000000000000001 included.
it.each([
  [6, 0.3, 2],
  [100, 0.03, 3],
  [7, 0.1, 1],
  [100, 0.07, 8],
  [10, 1, 10],
  [1, 0.5, 1],
])('a warmup of %d steps by the ratio %d takes %d', (steps, warmupRatio, expected) => {
  expect(warmupStepsOf({ warmupSteps: 0, warmupRatio }, steps)).toBe(expected);
  expect(warmupStepsOf({ warmupSteps: 1, warmupRatio: 0 }, steps)).toBe(1);
});

describe('AdamW', () => {
  // The update written out in float64, straight from Loshchilov and Hutter (2019), algorithm 2.
  const reference = (maxGradientNorm: number | null, steps: number): number[] => {
    let [p, m, v] = [
      [1, -2, 0.5],
      [0, 0, 0],
      [0, 0, 0],
    ];
    for (let t = 1; t <= steps; t++) {
      const gradient = [0.3 * t, -4, 0.001];
      const norm = Math.hypot(...gradient);
      const scale = maxGradientNorm === null ? 1 : Math.min(1, maxGradientNorm / (norm + 1e-6));
      m = m.map((value, i) => 0.9 * value + 0.1 * gradient[i]! * scale);
      v = v.map((value, i) => 0.999 * value + 0.001 * (gradient[i]! * scale) ** 2);
      p = p.map(
        (value, i) =>
          value -
          0.01 * 0.1 * value -
          (0.01 * (m[i]! / (1 - 0.9 ** t))) / (Math.sqrt(v[i]! / (1 - 0.999 ** t)) + 1e-8),
      );
    }
    return p;
  };

  // More numbers than are updated at a time, so that the blocks meet: the three above over and over.
  const size = 2 ** 18 + 5;
  const repeated = (values: readonly number[]): Float32Array =>
    Float32Array.from({ length: size }, (_, i) => values[i % values.length] as number);

  it.each([null, 1, 100])('follows the published update, clipped at %s', async (maxGradientNorm) => {
    const update = await createUpdateInPlace(
      { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.1, maxGradientNorm },
      [{ offset: 0, length: size, learningRateRatio: 1, vectors: false }],
      { threads: 1 },
    );
    const state = {
      parameters: repeated([1, -2, 0.5]),
      firstMoment: new Float32Array(size),
      secondMoment: new Float32Array(size),
    };
    for (let count = 1; count <= 5; count++) {
      const gradient = [0.3 * count, -4, 0.001];
      await update.run(state, repeated(gradient), {
        gradientNorm: Math.hypot(...gradient),
        learningRate: 0.01,
        count,
      });
    }
    const expected = reference(maxGradientNorm, 5);
    for (const i of [0, 1, 2, 2 ** 18 - 1, 2 ** 18, 2 ** 18 + 4])
      expect(state.parameters[i]).toBeCloseTo(expected[i % 3] as number, 6);
    await update.release();
  });
});

describeWith('native', 'AdamW of the addon', () => {
  const settings = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.03, maxGradientNorm: 1 };
  const groups = [
    { offset: 0, length: 2 ** 18 + 37, learningRateRatio: 1, vectors: false },
    { offset: 2 ** 18 + 37, length: 1000, learningRateRatio: 16, vectors: false },
  ];
  const size = 2 ** 18 + 1037;
  afterEach(() => vi.unstubAllEnvs());

  const threeSteps = async (): Promise<StateVectors> => {
    const update = await createUpdateInPlace(settings, groups, { threads: 2 });
    const random = createRandom(11);
    const drawn = (length: number): Float32Array =>
      Float32Array.from({ length }, () => 2 * random.uniform() - 1);
    const state = {
      parameters: drawn(size),
      firstMoment: new Float32Array(size),
      secondMoment: new Float32Array(size),
    };
    for (let count = 1; count <= 3; count++)
      await update.run(state, drawn(size), { gradientNorm: 3 + count / 7, learningRate: 3e-4, count });
    await update.release();
    return state;
  };

  it('gives the bits of the graph that is run without it', async () => {
    const own = await threeSteps();
    vi.stubEnv('NORA_NATIVE', '0');
    expect(await threeSteps()).toEqual(own);
  });

  it('refuses vectors of different lengths', () => {
    const [short, long] = [new Float32Array(2), new Float32Array(3)];
    const step = stepNumbers(settings, { gradientNorm: 1, learningRate: 1, count: 1 }, groups[0]!);
    expect(() => nativeAddon()!.adamW(short, short.slice(), short.slice(), long, step)).toThrow(
      '2 parameters, moments of 2 and 2 numbers and a gradient of 3',
    );
  });
});

describe('parameter layout', () => {
  const layout = layoutParameters([
    { name: 'a', shape: [2, 2] },
    { name: 'b', shape: [3] },
  ]);
  it('packs and unpacks', () => {
    const values = new Map([
      ['a', Float32Array.of(1, 2, 3, 4)],
      ['b', Float32Array.of(5, 6, 7)],
    ]);
    const packed = packParameters(layout, (name) => values.get(name)!);
    expect([...packed]).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(unpackParameters(layout, packed)).toEqual(values);
  });
  it('refuses a tensor of another size', () =>
    expect(() => packParameters(layout, () => new Float32Array(4))).toThrow('b has 4 numbers, not 3'));

  it('gives each group its own learning rate, and spares vectors where decay is for matrices', async () => {
    const settings = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.1, maxGradientNorm: null };
    const groups = [
      { offset: 0, length: 2, learningRateRatio: 1, vectors: false },
      { offset: 2, length: 1, learningRateRatio: 4, vectors: false },
      { offset: 3, length: 1, learningRateRatio: 1, vectors: true },
    ];
    const start = [1, -2, 0.5, 3];
    const gradient = [0.3, -4, 0.001, 2];
    // The first step of Adam is the learning rate in the direction of the gradient's sign.
    const moved = (at: number, rate: number, decay: number): number =>
      start[at]! * (1 - rate * decay) - rate * Math.sign(gradient[at]!);
    const expected = [moved(0, 0.01, 0.1), moved(1, 0.01, 0.1), moved(2, 0.04, 0.1), moved(3, 0.01, 0)];
    const step = { gradientNorm: Math.hypot(...gradient), learningRate: 0.01, count: 1 };
    const decaying = { ...settings, weightDecayOn: 'matrices' } as const;

    const state = {
      parameters: Float32Array.from(start),
      firstMoment: new Float32Array(4),
      secondMoment: new Float32Array(4),
    };
    const update = await createUpdateInPlace(decaying, groups, { threads: 1 });
    await update.run(state, Float32Array.from(gradient), step);
    await update.release();
    // The way of devices: all groups in one graph.
    const lengths = groups.map(({ length }) => length);
    const session = await createSession(adamWGraph(decaying, lengths), { threads: 1 });
    const vector = (data: readonly number[]) => ({ shape: [4], data: Float32Array.from(data) });
    const { next_parameters: together } = await session.run({
      parameters: vector(start),
      first_moment: vector([0, 0, 0, 0]),
      second_moment: vector([0, 0, 0, 0]),
      gradient: vector(gradient),
      ...updateScalars(decaying, step, groups),
    });
    await session.release();
    for (const [at, value] of expected.entries()) {
      expect(state.parameters[at]).toBeCloseTo(value, 5);
      expect(together!.data[at]).toBe(state.parameters[at]);
    }
  });
});
