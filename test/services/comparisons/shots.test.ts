import { describe, expect, test } from 'vitest';
import { answerComparison } from '../../../main/services/comparisons/answer/answer-comparison.ts';
import type { ComparisonDataInput } from '../../../main/services/comparisons/answer/comparison-data.ts';
import { comparisonDefinitionSchema } from '../../../main/services/comparisons/definition.ts';
import { definitionAt, stateAt } from '../../../main/services/comparisons/orchestration/at-shots.ts';
import type {
  ComparisonState,
  RunState,
} from '../../../main/services/comparisons/orchestration/comparison-state.ts';
import { nextWork } from '../../../main/services/comparisons/orchestration/next-work.ts';
import { phasesOf } from '../../../main/services/comparisons/orchestration/phases.ts';
import { tunedArms } from '../../../main/services/comparisons/orchestration/tuned-arms.ts';
import { createRandom } from '../../../main/engine/random.ts';

const seeds = [1, 2, 3, 4, 5];
const pictures = 60;

/** Of two arms the share that each gets right at each number of shots, with luck of seeds and pictures. */
const dataOf = (shares: Readonly<Record<number, readonly [number, number]>>): ComparisonDataInput => ({
  arms: ['LoRA', 'NoRA'].map((name) => ({ name, method: name.toLowerCase() })),
  seeds,
  costs: [],
  metrics: Object.entries(shares).map(([count, right]) => ({
    ...{ task: 'held-out', metric: 'accuracy', label: 'accuracy', unit: 'share', better: 'higher' },
    ...{ shots: Number(count), paired: true, chance: 0.1, margin: null },
    itemIds: Array.from({ length: pictures }, (_, item) => item),
    weights: new Array<number>(pictures).fill(1),
    base: Array.from({ length: pictures }, (_, item) => (item % 3 === 0 ? 1 : 0)),
    runs: ['LoRA', 'NoRA'].flatMap((arm, index) =>
      seeds.map((seed) => {
        const random = createRandom(seed * 100 + Number(count), index);
        const items = Array.from({ length: pictures }, () => (random.uniform() < right[index]! ? 1 : 0));
        return { arm, seed, runId: `${arm} ${count} ${seed}`, items, problem: null };
      }),
    ),
  })),
});

const quick = { resamples: 0, planning: false };
const shares = { 1: [0.42, 0.4], 4: [0.5, 0.75], 16: [0.6, 0.66] } as const;

describe('an answer over shots', () => {
  const answer = answerComparison(dataOf(shares), quick);

  test('has at each number of shots the test of a comparison of its own, corrected over all of them by Holm', () => {
    const alone = [1, 4, 16].map((count) => {
      const { metrics } = answerComparison(dataOf({ [count]: shares[count as 1] }), quick);
      return metrics[0]!.pairs[0]!;
    });
    const pairs = answer.metrics.map(({ pairs: own }) => own[0]!);
    expect(pairs.map(({ p }) => p)).toEqual(alone.map(({ p }) => p));
    expect(pairs.map(({ interval }) => interval)).toEqual(alone.map(({ interval }) => interval));
    // Holm (1979): the smallest p times 3, the next times 2, none smaller than the one before it.
    const order = alone.map(({ p }, at) => ({ p: p!, at })).toSorted((one, other) => one.p - other.p);
    const adjusted = new Map<number, number>();
    let least = 0;
    for (const [rank, { p, at }] of order.entries()) {
      least = Math.min(1, Math.max(least, p * (order.length - rank)));
      adjusted.set(at, least);
    }
    for (const [at, pair] of pairs.entries()) expect(pair.adjusted).toBeCloseTo(adjusted.get(at)!, 12);
    expect(answer.metrics[0]!.family).toBe(
      'Holm’s correction over the 3 pairs of arms tested on accuracy of held-out, at 3 numbers of shots together. Other metrics are families of their own.',
    );
  });

  test('holds all arms at all numbers of shots against zero-shot as one family', () => {
    const gates = answer.metrics.flatMap(({ arms }) => arms.map(({ base }) => base!));
    const least = Math.min(...gates.map(({ p }) => p!));
    expect(gates.find(({ p }) => p === least)!.adjusted).toBeCloseTo(Math.min(1, 6 * least), 12);
  });

  test('is a curve with the intervals of the means, and zero-shot once', () => {
    const [curve] = answer.shotCurves;
    expect(curve).toMatchObject({ metric: 'accuracy', decides: true, base: { score: 20 / 60 } });
    const [lora] = curve!.arms;
    expect(lora!.points.map(({ shots }) => shots)).toEqual([1, 4, 16]);
    for (const [at, point] of lora!.points.entries()) {
      const { mean, interval } = answer.metrics[at]!.arms[0]!;
      expect(point).toMatchObject({ mean, interval, runs: 5 });
    }
    expect(curve!.pairs[0]!.points.map(({ verdict }) => verdict)).toEqual(
      answer.metrics.map(({ pairs }) => pairs[0]!.verdict),
    );
  });

  test('says which arm at which number of shots, and which is no better than zero-shot', () => {
    expect(answer.sentence).toBe(
      'On accuracy (held-out) LoRA and NoRA can’t be told apart with 1 and 16 shots; NoRA is better than LoRA with 4 shots. Not surely better than zero-shot (33.3 %): LoRA with 1 and 4 shots and NoRA with 1 shot. With 16 shots: LoRA 60.3 % and NoRA 67.3 %.',
    );
  });

  test('is the same as without an axis where there is one number of shots', () => {
    const [one] = answerComparison(dataOf({ 4: shares[4] }), quick).metrics;
    const data = dataOf({ 4: shares[4] });
    const [plain] = answerComparison(
      { ...data, metrics: data.metrics.map((metric) => ({ ...metric, shots: null })) },
      quick,
    ).metrics;
    expect({ ...one, shots: null }).toEqual(plain);
  });
});

const definition = comparisonDefinitionSchema.parse({
  ...{ version: 1, name: 'shots', model: 'clip', dataset: 'dtd', seeds: [1, 2], shots: [4, 1] },
  training: { stepsPerShot: 5, pictures: { template: '{} texture.' } },
  tuning: { sweep: { settings: { learningRate: { values: [1e-4, 1e-3] } } } },
  arms: [
    { name: 'LoRA', adapter: { method: 'lora', rank: 2 } },
    { name: 'NoRA', adapter: { method: 'nora', outerRank: 8, innerRank: 2 } },
  ],
  diagnostics: null,
});

const state = (runs: readonly Partial<RunState>[] = []): ComparisonState =>
  ({
    ...{ id: 'c', definition, tasks: [], assessments: [], diagnosis: null },
    design: {
      arms: definition.arms,
      trials: [1e-4, 1e-3].map((rate, number) => ({
        ...{ number, label: `lr ${rate}`, settings: { 'training.learningRate': rate } },
      })),
    },
    runs: runs.map((run) => ({ status: 'completed', loss: 1, trial: null, round: null, ...run })),
  }) as unknown as ComparisonState;

/** All trials of a number of shots; the second is the better one with 4 of them. */
const trialsAt = (shots: number): Partial<RunState>[] =>
  ['LoRA', 'NoRA'].flatMap((arm) =>
    [0, 1].map((trial) => ({
      ...{ runId: `${arm} ${shots} ${trial}`, role: 'tuning' as const, arm, shots, seed: 0, trial, round: 0 },
      loss: (trial === 0) === (shots === 4) ? 2 : 1,
    })),
  );

describe('an axis of shots', () => {
  test('is in rising order, and the protocol by itself that of the fewest', () => {
    expect(definition.shots).toEqual([1, 4]);
    expect(definition.training.pictures).toMatchObject({ shots: 1, template: '{} texture.' });
    expect(definitionAt(definition, 4).training.pictures).toMatchObject({
      shots: 4,
      template: '{} texture.',
    });
  });

  test('refuses a number that is there twice, and pictures of an arm’s own', () => {
    const given = { version: 1, name: 'a', model: 'm', dataset: 'd', arms: definition.arms };
    const messages = (changes: object): string[] =>
      comparisonDefinitionSchema
        .safeParse({ ...given, ...changes })
        .error!.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    expect(messages({ shots: [2, 2] })).toEqual(['shots.1: 2 is there twice']);
    // Once, and not of the steps that are counted by it too.
    const bySteps = { training: { stepsPerShot: 10 } };
    expect(messages({ ...bySteps, shots: [1, 0] })).toEqual([expect.stringMatching(/^shots\.1: /)]);
    expect(messages({ ...bySteps, shots: [Number.NaN] })).toEqual([expect.stringMatching(/^shots\.0: /)]);
    expect(messages({ ...bySteps, shots: [] })).toEqual([expect.stringMatching(/^shots: /)]);
    const [lora, nora] = definition.arms;
    const own = { ...lora!, training: { pictures: { shots: 2, template: 'a {}' } } };
    expect(messages({ arms: [own, nora] })[0]).toMatch(/^arms\.0\.training\.pictures: is the protocol’s/);
  });

  test('tunes each number of shots for itself, and trains once all of them are tuned', () => {
    expect(nextWork(state())).toMatchObject({ type: 'tune', shots: 1, round: 0 });
    expect(nextWork(state(trialsAt(1)))).toMatchObject({ type: 'tune', shots: 4, round: 0 });
    const tuned = state([...trialsAt(1), ...trialsAt(4)]);
    expect(nextWork(tuned)).toMatchObject({ type: 'train', shots: 1, seeds: [1, 2] });
    expect(tunedArms(tuned).map(({ arm, shots, trial }) => [arm, shots, trial!.number])).toEqual([
      ['LoRA', 1, 0],
      ['NoRA', 1, 0],
      ['LoRA', 4, 1],
      ['NoRA', 4, 1],
    ]);
    expect(stateAt(tuned, 4).runs).toHaveLength(4);
  });

  test('waits for the trials of any number of shots', () => {
    const running = trialsAt(4).map((run) => ({ ...run, status: 'running' as const, loss: null }));
    expect(nextWork(state([...trialsAt(1), ...running]))).toEqual({ type: 'wait', phase: 'tuning' });
  });

  test('goes on where one number of shots could not be tuned, and ends where none could', () => {
    const failed = (shots: number) =>
      trialsAt(shots).map((run) => ({ ...run, status: 'failed' as const, loss: null }));
    expect(nextWork(state([...failed(1), ...trialsAt(4)]))).toMatchObject({ type: 'train', shots: 4 });
    expect(nextWork(state([...failed(1), ...failed(4)]))).toMatchObject({ type: 'finish', status: 'failed' });
  });

  test('counts what is planned at all numbers of shots', () => {
    expect(phasesOf(state()).map(({ phase, total }) => [phase, total])).toEqual([
      ['tuning', 8],
      ['training', 8],
      ['scoring', 9],
      ['diagnostics', 0],
    ]);
  });
});
