import type { MetricAnswer, ShotCurve } from './comparison-answer.ts';
import { confidenceText } from './number-text.ts';

type AtShots = MetricAnswer & { readonly shots: number };

const hasShots = (metric: MetricAnswer): metric is AtShots => metric.shots !== null;

/** Each score against the number of shots: the numbers of its metrics side by side. */
export const shotCurvesOf = (metrics: readonly MetricAnswer[], level: number): ShotCurve[] =>
  [
    ...Map.groupBy(metrics.filter(hasShots), ({ task, metric }) => JSON.stringify([task, metric])).values(),
  ].map((family) => curveOf(family, level));

const curveOf = (family: readonly AtShots[], level: number): ShotCurve => {
  const { task, metric, label, unit, better, decides, chance, base, arms, pairs, family: words } = family[0]!;
  return {
    task,
    metric,
    label,
    unit,
    better,
    decides,
    chance,
    base: base === null ? null : { score: base.score, interval: base.interval },
    band: `${confidenceText(level)} interval of the mean over seeds, not corrected. ${words}`,
    arms: arms.map(({ arm }) => ({
      arm,
      points: family.flatMap((at) => {
        const own = at.arms.find((each) => each.arm === arm);
        if (own === undefined || own.mean === null) return [];
        return [{ shots: at.shots, mean: own.mean, interval: own.interval, runs: own.runs.length }];
      }),
    })),
    pairs: pairs.map(({ first, second }) => ({
      first,
      second,
      points: family.flatMap((at) =>
        at.pairs
          .filter((pair) => pair.first === first && pair.second === second)
          .map(({ difference, interval, adjusted, verdict }) => ({
            shots: at.shots,
            difference,
            interval,
            adjusted,
            verdict,
          })),
      ),
    })),
  };
};
