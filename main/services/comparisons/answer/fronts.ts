import type { CostAnswer, Front, MetricAnswer } from './comparison-answer.ts';

type Point = Front['points'][number];

/** Score against each cost that has a better side, for metrics that the answer shows first. */
export const frontsOf = (metrics: readonly MetricAnswer[], costs: readonly CostAnswer[]): Front[] =>
  metrics.flatMap((metric) =>
    costs.flatMap((cost) => (cost.shots === metric.shots ? frontOf(metric, cost) : [])),
  );

/** Trained parameters have no better side of their own; fewer of them for the same score is what a front asks for. */
const frontOf = (metric: MetricAnswer, cost: CostAnswer): Front[] => {
  const costBetter = cost.better ?? 'lower';
  const open = metric.arms.flatMap(({ arm, mean, interval }) => {
    const spent = cost.arms.find((each) => each.arm === arm)?.mean ?? null;
    return mean === null || spent === null ? [] : [{ arm, cost: spent, score: mean, interval }];
  });
  if (open.length < 2) return [];
  const scored = open.map((point) => ({
    ...point,
    good: metric.better === 'higher' ? point.score : -point.score,
    cheap: costBetter === 'lower' ? -point.cost : point.cost,
  }));
  const points = scored.map(({ good, cheap, ...point }): Point => {
    const winner = scored.find(
      (other) => other.good >= good && other.cheap >= cheap && (other.good > good || other.cheap > cheap),
    );
    const certain = winner !== undefined && differ(metric, point.arm, winner.arm);
    return { ...point, dominatedBy: winner?.arm ?? null, certain };
  });
  return [
    {
      task: metric.task,
      metric: metric.metric,
      shots: metric.shots,
      metricLabel: metric.label,
      metricUnit: metric.unit,
      metricBetter: metric.better,
      cost: cost.name,
      costLabel: cost.label,
      costUnit: cost.unit,
      costBetter,
      points,
    },
  ];
};

const differ = ({ pairs }: MetricAnswer, one: string, other: string): boolean =>
  pairs.some(
    ({ first, second, verdict }) =>
      ((first === one && second === other) || (first === other && second === one)) &&
      (verdict === 'better' || verdict === 'worse'),
  );
