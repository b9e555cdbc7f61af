import type { ComparisonAnswer } from '../../../main/api/contract.ts';
import type { ComparisonDataInput } from '../../../main/services/comparisons/answer/comparison-data.ts';

type Metric = ComparisonDataInput['metrics'][number];
const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const deviation = (values: number[]): number | null =>
  values.length < 2
    ? null
    : Math.sqrt(values.reduce((sum, value) => sum + (value - mean(values)) ** 2, 0) / (values.length - 1));
const around = (values: number[], extra = 0.01) => {
  const sd = deviation(values);
  if (sd === null) return null;
  const half = (2.4 * sd) / Math.sqrt(values.length) + extra;
  return { low: mean(values) - half, high: mean(values) + half };
};

const metricAnswer = (data: ComparisonDataInput, metric: Metric): ComparisonAnswer['metrics'][number] => {
  const scored = data.arms.map(({ name }) => ({
    name,
    runs: metric.runs
      .filter((run) => run.arm === name && run.items)
      .map((run) => ({ seed: run.seed, runId: run.runId, score: mean(run.items!) })),
    missing: metric.runs
      .filter((run) => run.arm === name && !run.items)
      .map((run) => ({ seed: run.seed, runId: run.runId, problem: run.problem! })),
  }));
  const share = metric.unit === 'share';
  const gate = (value: number | null, reference: number, name: string) => {
    if (value === null) return null;
    const signed = (value - reference) * (metric.better === 'higher' ? 1 : -1);
    const standing = signed > 0.03 ? ('better' as const) : ('no better' as const);
    return {
      reference,
      difference: value - reference,
      interval: { low: value - reference - 0.02, high: value - reference + 0.02 },
      p: standing === 'better' ? 0.0004 : 0.41,
      adjusted: standing === 'better' ? 0.0008 : 0.41,
      test: 'crossed' as const,
      scope: 'methods' as const,
      standing,
      words: `${standing} than ${name}`,
    };
  };
  const base = metric.base === null ? null : mean(metric.base);
  const arms = scored.map(({ name, runs, missing }) => {
    const scores = runs.map(({ score }) => score);
    const value = scores.length === 0 ? null : mean(scores);
    return {
      arm: name,
      runs,
      missing,
      mean: value,
      deviation: deviation(scores),
      interval: around(scores),
      intervalScope: 'methods' as const,
      chance: metric.chance === null ? null : gate(value, metric.chance, 'chance'),
      base: base === null ? null : gate(value, base, 'the base'),
    };
  });
  const pairs = arms.flatMap((first, at) =>
    arms.slice(at + 1).map((second) => {
      const difference = first.mean === null || second.mean === null ? null : first.mean - second.mean;
      const one = data.seeds.length === 1;
      const p = difference === null ? null : Math.abs(difference) > 0.03 ? 0.012 : 0.38;
      const better = (difference ?? 0) * (metric.better === 'higher' ? 1 : -1) > 0;
      const verdict =
        p === null
          ? ('not comparable' as const)
          : p > 0.05
            ? ('inconclusive' as const)
            : better
              ? ('better' as const)
              : ('worse' as const);
      return {
        first: first.arm,
        second: second.arm,
        seeds: data.seeds,
        test: one ? ('items' as const) : ('crossed' as const),
        scope: one ? ('these trained models' as const) : ('methods' as const),
        difference,
        interval: difference === null ? null : { low: difference - 0.022, high: difference + 0.022 },
        bootstrap:
          difference === null
            ? null
            : {
                percentile: { low: difference - 0.021, high: difference + 0.02 },
                accelerated: { low: difference - 0.022, high: difference + 0.02 },
                resamples: 10_000,
                words: 'It agrees with the interval.',
              },
        p,
        adjusted: p,
        tests:
          p === null
            ? []
            : [
                {
                  name: 'crossed' as const,
                  label: 'seeds and items, both paired',
                  p,
                  smallest: null,
                  scope: 'methods' as const,
                },
                {
                  name: 'McNemar' as const,
                  label: 'McNemar, seed 0',
                  p: p / 2,
                  smallest: null,
                  scope: 'these trained models' as const,
                },
                {
                  name: 'sign flips of seeds' as const,
                  label: 'sign flips of seeds',
                  p: 0.06,
                  smallest: 0.0625,
                  scope: 'methods on these items' as const,
                },
              ],
        effect:
          difference === null ? null : { name: "Cohen's h" as const, value: difference * 2, words: 'small' },
        equivalence: null,
        agreement:
          share && difference !== null
            ? {
                bothRight: 160,
                onlyFirst: 41,
                onlySecond: 32,
                neither: 167,
                between: 0.18,
                withinFirst: one ? null : 0.12,
                withinSecond: one ? null : 0.14,
                words: `${first.arm} and ${second.arm} differ on 18 % of items; two seeds of one arm on 13 %.`,
              }
            : null,
        needed:
          verdict === 'inconclusive'
            ? {
                difference: 0.01,
                from: 'measured' as const,
                power: 0.8,
                seeds: 19,
                items: 4200,
                detectable: 0.03,
                words:
                  'About 19 seeds, or 4,200 items, would show a difference as large as this one with a power of 80 %.',
              }
            : null,
        verdict,
        words: `${first.arm} is ${verdict} against ${second.arm}: ${difference?.toFixed(3) ?? 'nothing to compare'}.`,
        caveats: one ? ['One seed: this speaks of these two trained models, not of the methods.'] : [],
      };
    }),
  );
  const noBetter = arms.filter((arm) => arm.chance?.standing === 'no better');
  return {
    task: metric.task,
    metric: metric.metric,
    label: metric.label,
    unit: metric.unit,
    better: metric.better,
    meanOf: [],
    items: metric.itemIds.length,
    chance: metric.chance,
    margin: metric.margin,
    base:
      base === null
        ? null
        : {
            score: base,
            interval: { low: base - 0.02, high: base + 0.02 },
            chance: metric.chance === null ? null : gate(base, metric.chance, 'chance'),
          },
    arms,
    pairs,
    family: 'all pairs of arms of this score',
    decides: share,
    gate:
      noBetter.length > 0
        ? `${noBetter.map(({ arm }) => arm).join(' and ')} did no better than chance: which of them is ahead means nothing.`
        : '',
    caveats: data.seeds.length === 1 ? ['One seed only.'] : [],
  };
};

export const answerComparison = (data: ComparisonDataInput): ComparisonAnswer => {
  const metrics = data.metrics.map((metric) => metricAnswer(data, metric));
  const costs = (data.costMeasures ?? []).map((measure) => {
    const arms = data.arms.map(({ name }) => {
      const runs = data.costs
        .filter((cost) => cost.arm === name)
        .map(({ seed, runId = '', values }) => ({ seed, runId, value: values[measure.name]! }));
      const values = runs.map(({ value }) => value);
      return { arm: name, runs, mean: values.length ? mean(values) : null, deviation: deviation(values) };
    });
    const first = arms[0]!.mean!;
    return {
      ...measure,
      arms: arms.map((arm) => ({
        ...arm,
        ratio: arm.mean === null ? null : arm.mean / first,
        ratioInterval: null,
      })),
    };
  });
  const pair = metrics[0]!.pairs[0]!;
  return {
    version: 1,
    level: 0.05,
    seeds: data.seeds,
    arms: data.arms,
    sentence: metrics[0]!.gate || `${pair.words} On ARC-Easy over ${data.seeds.length} seeds.`,
    points: ['On held-out loss the two are inconclusive.', 'NoRA takes 1.94 s more to start.'],
    metrics,
    costs,
    fronts: metrics.flatMap((metric) =>
      costs.slice(0, 3).map((cost) => ({
        task: metric.task,
        metric: metric.metric,
        metricLabel: metric.label,
        metricUnit: metric.unit,
        metricBetter: metric.better,
        cost: cost.name,
        costLabel: cost.label,
        costUnit: cost.unit,
        costBetter: cost.better!,
        points: metric.arms.flatMap((arm, index) =>
          arm.mean === null || cost.arms[index]!.mean === null
            ? []
            : [
                {
                  arm: arm.arm,
                  cost: cost.arms[index]!.mean!,
                  score: arm.mean,
                  interval: arm.interval,
                  dominatedBy: index === 2 ? metric.arms[0]!.arm : null,
                  certain: false,
                },
              ],
        ),
      })),
    ),
    curves: (data.curves ?? []).map((curve) => ({
      metric: curve.metric,
      label: curve.label,
      unit: curve.unit,
      band: 'standard deviation over seeds',
      arms: data.arms.map(({ name }) => {
        const runs = curve.runs.filter((run) => run.arm === name);
        const steps = runs[0]?.points.map(({ step }) => step) ?? [];
        return {
          arm: name,
          seeds: runs.map(({ seed }) => seed),
          runIds: runs.map(({ runId }) => runId),
          points: steps.map((step, at) => {
            const values = runs.map((run) => run.points[at]!.value);
            const sd = deviation(values) ?? 0;
            return {
              step,
              mean: mean(values),
              low: mean(values) - sd,
              high: mean(values) + sd,
              runs: values.length,
            };
          }),
        };
      }),
    })),
    tuning: (data.tuning ?? []).map((tuning) => ({
      setting: tuning.setting,
      label: tuning.label,
      metric: tuning.metric,
      metricLabel: tuning.metricLabel,
      unit: tuning.unit,
      better: tuning.better,
      caveats: [],
      arms: data.arms.map(({ name }) => {
        const trials = tuning.trials.filter((trial) => trial.arm === name);
        const best = trials.toSorted((a, b) => a.score! - b.score!)[0];
        return {
          arm: name,
          trials: trials.length,
          points: trials.map(({ value, score }) => ({ value, mean: score!, scores: [score!], failed: 0 })),
          best: best?.value ?? null,
          atEdge: false,
        };
      }),
    })),
  };
};
