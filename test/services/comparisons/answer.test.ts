import { describe, expect, test } from 'vitest';
import { answerComparison } from '../../../main/services/comparisons/answer/answer-comparison.ts';
import {
  comparisonAnswerSchema,
  type ComparisonAnswer,
  type MetricAnswer,
  type PairAnswer,
} from '../../../main/services/comparisons/answer/comparison-answer.ts';
import type { ComparisonDataInput } from '../../../main/services/comparisons/answer/comparison-data.ts';
import { createRandom } from '../../../main/engine/random.ts';
import { sampleData } from './sample-report.ts';

type MetricInput = ComparisonDataInput['metrics'][number];
type RunInput = MetricInput['runs'][number];

const quick = { resamples: 50 };
const ask = (data: ComparisonDataInput): ComparisonAnswer => answerComparison(data, quick);
const firstMetric = (data: ComparisonDataInput): MetricAnswer => ask(data).metrics[0]!;
const firstPair = (data: ComparisonDataInput): PairAnswer => firstMetric(data).pairs[0]!;

/** Right or wrong answers of two arms: `right` of 100, moved by a little luck with each seed. */
const comparison = (
  right: readonly [number, number],
  seeds: readonly number[],
  changes: Partial<MetricInput> = {},
): ComparisonDataInput => {
  const runs = ['nora', 'lora'].flatMap((arm, index) =>
    seeds.map((seed) => {
      const random = createRandom(seed, index);
      const items = Array.from(
        { length: 100 },
        (_, item) => (random.uniform() < 0.15 ? item + 40 : item) % 100,
      );
      return run(
        arm,
        seed,
        items.map((item) => (item < right[index]! ? 1 : 0)),
      );
    }),
  );
  return {
    arms: [
      { name: 'nora', method: 'nora' },
      { name: 'lora', method: 'lora' },
    ],
    seeds: [...seeds],
    metrics: [
      {
        task: 'arc-easy',
        metric: 'accuracy',
        label: 'accuracy',
        unit: 'share',
        better: 'higher',
        paired: true,
        chance: 0.25,
        margin: null,
        itemIds: Array.from({ length: 100 }, (_, item) => item),
        weights: new Array<number>(100).fill(1),
        base: Array.from({ length: 100 }, (_, item) => (item < 40 ? 1 : 0)),
        runs,
        ...changes,
      },
    ],
    costs: [],
  };
};

const run = (arm: string, seed: number, items: number[] | null): RunInput => ({
  arm,
  seed,
  runId: `${arm}-${seed}`,
  items,
  problem: null,
});

/** The same comparison with some of its runs changed. */
const withRuns = (
  data: ComparisonDataInput,
  change: (own: RunInput) => RunInput | null,
): ComparisonDataInput => ({
  ...data,
  metrics: data.metrics.map((metric) => ({
    ...metric,
    runs: metric.runs.flatMap((own) => change(own) ?? []),
  })),
});

describe('what a comparison says', () => {
  test('a clear difference with five seeds', () => {
    const data = comparison([85, 60], [1, 2, 3, 4, 5]);
    const pair = firstPair(data);
    expect(pair).toMatchObject({
      verdict: 'better',
      test: 'crossed',
      scope: 'methods',
      seeds: [1, 2, 3, 4, 5],
    });
    expect(pair.words).toMatch(/^nora is better than lora by \d+\.\d points \(95 % interval/);
    expect(pair.tests.map(({ name }) => name)).toEqual([
      'crossed',
      'sign flips of seeds',
      'sign flips of items',
      ...new Array<string>(5).fill('McNemar'),
    ]);
    const { bothRight, onlyFirst, onlySecond, neither } = pair.agreement!;
    expect(bothRight + onlyFirst + onlySecond + neither).toBe(500);
    expect((onlyFirst - onlySecond) / 500).toBeCloseTo(pair.difference!, 12);
  });

  test('an answer has the form that it promises, and comes again the same', () => {
    const answer = ask(sampleData);
    expect(comparisonAnswerSchema.parse(answer)).toEqual(answer);
    expect(ask(sampleData)).toEqual(answer);
    expect(JSON.parse(JSON.stringify(answer))).toEqual(answer);
  });

  test('no better than chance comes before any ranking', () => {
    const answer = ask(comparison([27, 23], [1, 2, 3]));
    expect(answer.metrics[0]!.gate).toContain(
      'No arm is better than chance (25.0 %): there is nothing to rank.',
    );
    expect(answer.metrics[0]!.pairs[0]).toMatchObject({ verdict: 'inconclusive' });
    expect(answer.sentence).toContain(
      'no arm is better than chance (25.0 %), so there is nothing to choose between',
    );
  });

  test('no better than the base is said where a winner is named', () => {
    const base = Array.from({ length: 100 }, (_, item) => (item < 90 ? 1 : 0));
    const answer = ask(comparison([85, 50], [1, 2, 3, 4, 5], { base }));
    expect(answer.sentence).toContain('But no arm is better than the base model');
    expect(answer.metrics[0]!.arms.map((arm) => arm.base!.standing)).toEqual(['no better', 'worse']);
  });

  test('within the margin that was named: equivalent', () => {
    const data = comparison([70, 70], [1, 2, 3, 4, 5, 6, 7, 8], { margin: 0.2 });
    const pair = firstPair(data);
    expect(pair.verdict).toBe('equivalent');
    expect(pair.words).toContain('equivalent within ±20.0 points');
    expect(pair.equivalence!.interval.low).toBeGreaterThan(-0.2);
    expect(firstPair(comparison([70, 70], [1, 2, 3], { margin: 0.001 })).verdict).toBe('inconclusive');
  });

  test('undecided: how many more seeds or items would settle it', () => {
    const pair = firstPair(comparison([66, 63], [1, 2, 3]));
    expect(pair.verdict).toBe('inconclusive');
    expect(pair.needed!.detectable).toBeGreaterThan(Math.abs(pair.difference!));
    expect(pair.words).toContain('in 80 of 100 cases');
    expect((pair.needed!.seeds ?? 9) > 3 || pair.needed!.items! > 100).toBe(true);
  });

  test('Holm runs over all pairs of a metric, and says so', () => {
    const metric = firstMetric(sampleData);
    expect(metric.family).toContain('over the 3 pairs of arms');
    const sorted = [...metric.pairs].sort((one, other) => one.p! - other.p!);
    expect(sorted[0]!.adjusted).toBeCloseTo(Math.min(1, 3 * sorted[0]!.p!), 12);
  });

  test('several tasks: the unweighted mean decides, with an interval of its own', () => {
    const { metrics } = ask(sampleData);
    const [mean, , ...tasks] = metrics;
    expect(mean).toMatchObject({
      meanOf: ['arc-easy', 'openbookqa'],
      decides: true,
      chance: 0.25,
      items: 500,
    });
    for (const [index, arm] of mean!.arms.entries()) {
      const scores = tasks.map((task) => task.arms[index]!.mean!);
      expect(arm.mean).toBeCloseTo((scores[0]! + scores[1]!) / 2, 12);
    }
    expect(mean!.pairs[0]!.interval!.low).toBeLessThan(mean!.pairs[0]!.difference!);
  });

  test('the loss is weighted by tokens', () => {
    const data = comparison([0, 0], [1, 2, 3], {
      weights: Array.from({ length: 100 }, (_, item) => item + 1),
    });
    const changed = withRuns(data, (own) => ({
      ...own,
      items: own.items!.map((_, item) => item + own.seed / 10),
    }));
    // Sum of (i + 1) i over sum of (i + 1), i = 0..99, is 66; the seeds' mean adds 0.2.
    expect(firstMetric(changed).arms[0]!.mean).toBeCloseTo(66.2, 9);
  });
});

describe('what it can’t say', () => {
  test('one seed: of these two trained models only', () => {
    const answer = ask(comparison([90, 55], [7]));
    const pair = answer.metrics[0]!.pairs[0]!;
    expect(pair).toMatchObject({ test: 'McNemar', scope: 'these trained models', verdict: 'better' });
    expect(pair.words).toContain('for these two trained models; of the methods one seed says nothing');
    expect(answer.sentence).toContain('run at least three seeds');
    expect(answer.points).toContain(
      'One seed: nothing here speaks of the methods, only of these trained models.',
    );
  });

  test('one seed and one number for each arm: a difference, no p-value', () => {
    const data = comparison([90, 55], [7], { base: null, chance: null });
    const pair = firstPair(
      withRuns(data, (own) => ({ ...own, items: null, score: own.arm === 'nora' ? 0.9 : 0.5 })),
    );
    expect(pair).toMatchObject({ p: null, interval: null, tests: [], test: 'none', verdict: 'inconclusive' });
    expect(pair.difference).toBeCloseTo(0.4, 12);
    expect(pair.words).toContain('no p-value');
  });

  test('several seeds, one number for each run: a t over seeds', () => {
    const data = comparison([90, 55], [1, 2, 3], { base: null, chance: null });
    const scores = { nora: [0.9, 0.88, 0.93], lora: [0.5, 0.51, 0.49] };
    const answer = firstMetric(
      withRuns(data, (own) => ({
        ...own,
        items: null,
        score: scores[own.arm as 'nora' | 'lora'][own.seed - 1]!,
      })),
    );
    expect(answer.pairs[0]).toMatchObject({
      test: 'seeds',
      scope: 'methods on these items',
      verdict: 'better',
    });
    expect(answer.pairs[0]!.caveats.join(' ')).toContain('not that of the items');
    expect(answer.items).toBe(0);
  });

  test('the same difference in every run has no noise to hold it against', () => {
    const data = comparison([90, 55], [1, 2], { base: null, chance: null });
    const pair = firstPair(
      withRuns(data, (own) => ({ ...own, items: null, score: own.arm === 'nora' ? 0.75 : 0.5 })),
    );
    expect(pair).toMatchObject({ p: null, verdict: 'inconclusive' });
    expect(pair.words).toContain('its noise can’t be told');
  });

  test('a failed seed is left out of both, by name', () => {
    const data = comparison([85, 60], [1, 2, 3, 4]);
    const answer = ask(
      withRuns(data, (own) =>
        own.runId === 'lora-3' ? { ...own, items: null, problem: 'failed: out of memory' } : own,
      ),
    );
    const pair = answer.metrics[0]!.pairs[0]!;
    expect(pair.seeds).toEqual([1, 2, 4]);
    expect(pair.caveats).toContain(
      'Left out: nora, seed 3 (no partner) and lora, seed 3 (failed: out of memory).',
    );
    expect(answer.points).toContain('lora, seed 3 is left out: failed: out of memory.');
  });

  test('NaN: the run is left out', () => {
    const data = comparison([85, 60], [1, 2, 3]);
    const answer = firstMetric(
      withRuns(data, (own) =>
        own.runId === 'nora-1'
          ? { ...own, items: own.items!.map((value, item) => (item < 4 ? NaN : value)) }
          : own,
      ),
    );
    expect(answer.arms[0]!.missing).toEqual([
      { seed: 1, runId: 'nora-1', problem: '4 of 100 items gave no number' },
    ]);
    expect(answer.pairs[0]!.seeds).toEqual([2, 3]);
  });

  test('a missing metric and a run that never was', () => {
    const data = comparison([85, 60], [1, 2, 3]);
    const answer = firstMetric(
      withRuns(data, (own) => {
        if (own.runId === 'nora-1') return null;
        return own.runId === 'lora-2' ? { ...own, items: null } : own;
      }),
    );
    expect(answer.arms.map(({ missing }) => missing.map(({ problem }) => problem))).toEqual([
      ['there is no run with this seed'],
      ['accuracy was not measured'],
    ]);
    // One seed in common and two of each: unpaired ones say more than that one.
    expect(answer.pairs[0]).toMatchObject({ seeds: [], test: 'crossed, seeds unpaired' });
  });

  test('other items: not comparable, with the reason', () => {
    const data = comparison([85, 60], [1, 2, 3]);
    const shifted = withRuns(data, (own) =>
      own.arm === 'lora' ? { ...own, itemIds: own.items!.map((_, item) => item + 1) } : own,
    );
    const answer = ask(shifted);
    expect(answer.metrics[0]!.pairs[0]).toMatchObject({
      verdict: 'not comparable',
      p: null,
      difference: null,
    });
    expect(answer.metrics[0]!.pairs[0]!.words).toBe(
      'nora and lora can’t be compared: lora has no run that could be compared: it was scored on other items.',
    );
    expect(answer.sentence).toContain('only nora has a usable run');
    const shorter = withRuns(data, (own) =>
      own.arm === 'lora' ? { ...own, items: own.items!.slice(1) } : own,
    );
    expect(firstPair(shorter).verdict).toBe('not comparable');
  });

  test('other seeds: unpaired, and it says so', () => {
    const data = comparison([85, 60], [1, 2, 3]);
    const pair = firstPair(
      withRuns(data, (own) => (own.arm === 'lora' ? { ...own, seed: own.seed + 10 } : own)),
    );
    expect(pair).toMatchObject({ test: 'crossed, seeds unpaired', seeds: [], bootstrap: null });
    expect(pair.caveats[0]).toMatch(/^Unpaired/);
  });

  test('nothing usable at all', () => {
    const answer = ask(withRuns(comparison([85, 60], [1]), () => null));
    expect(answer.sentence).toBe(
      'On accuracy (arc-easy) no arm has a usable run: there is nothing to compare.',
    );
    expect(ask({ ...comparison([85, 60], [1]), metrics: [] }).sentence).toContain('Nothing was measured');
  });

  test('only losses: the answer warns', () => {
    const data = comparison([85, 60], [1, 2, 3], { unit: 'loss', better: 'lower', chance: null });
    expect(ask(data).points.join(' ')).toContain('A loss can fall while no answer becomes right');
    expect(firstPair(data).verdict).toBe('worse');
  });

  test('arms that answer alike in every item', () => {
    const data = comparison([60, 60], [1, 2, 3]);
    const pair = firstPair(
      withRuns(data, (own) => ({ ...own, items: own.items!.map((_, item) => (item < 60 ? 1 : 0)) })),
    );
    expect(pair).toMatchObject({ difference: 0, p: 1, verdict: 'inconclusive', needed: null });
  });

  test('data of a wrong form are refused with the place', () => {
    const data = comparison([85, 60], [1]);
    expect(() => ask({ ...data, level: 2 })).toThrow(/^comparison data, level: /);
  });
});

describe('costs, fronts, curves and tuning', () => {
  const answer = ask(sampleData);

  test('ratios to the first arm', () => {
    const [parameters, seconds] = answer.costs;
    expect(parameters!.arms.map(({ ratio }) => ratio)).toEqual([1, 0.1, 1]);
    expect(parameters!.arms[1]!.ratioInterval).toBeNull();
    expect(seconds!.arms[1]!.ratioInterval!.low).toBeLessThan(seconds!.arms[1]!.ratio!);
  });

  test('a peak that several runs had between them is nobody’s, and that is said', () => {
    const name = 'run/peak_memory_bytes';
    const costs = sampleData.costs.map((run) => {
      const { [name]: peak = 0, ...values } = run.values;
      return run.seed === sampleData.seeds[0] ? run : { ...run, values, shared: { [name]: 2 * peak } };
    });
    const together = ask({ ...sampleData, costs });
    const of = (all: typeof answer) => all.costs.find((cost) => cost.name === name)!;
    expect(of(answer).caveat).toBe('');
    expect(of(together).arms.map(({ runs }) => runs.length)).toEqual([1, 1, 1]);
    expect(of(together).arms.map(({ ratioInterval }) => ratioInterval)).toEqual([null, null, null]);
    expect(together.points).toContain(of(together).caveat);
    expect(of(together).caveat).toMatch(
      /^Peak memory is that of 3 runs with a process each; 12 trained beside others, in processes of up to [0-9.,]+ .B, which says nothing of one run\.$/,
    );
  });

  test('a front: who is beaten, and by whom', () => {
    const front = answer.fronts.find(({ cost }) => cost === 'run/trained_parameters')!;
    expect(front.points.map(({ dominatedBy }) => dominatedBy)).toEqual(['NoRA r64/16', null, 'LoRA r16']);
  });

  test('curves: mean and band over seeds at each step', () => {
    const [curve] = answer.curves;
    expect(curve!.arms.map(({ points }) => points.length)).toEqual([17, 17, 17]);
    for (const { low, mean, high, runs } of curve!.arms[0]!.points) {
      expect(runs).toBe(5);
      expect((low + high) / 2).toBeCloseTo(mean, 12);
    }
  });

  test('tuning: the best of each, and whether it stands at an end', () => {
    const [tuning] = answer.tuning;
    expect(tuning!.arms.map(({ best, atEdge }) => [best, atEdge])).toEqual([
      [2e-4, false],
      [5e-4, false],
      [2e-3, true],
    ]);
    expect(tuning!.caveats).toHaveLength(1);
  });
});
