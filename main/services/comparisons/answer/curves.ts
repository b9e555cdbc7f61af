import { mean, standardDeviation } from '../../../engine/statistics/moments.ts';
import type { CurveAnswer } from './comparison-answer.ts';
import type { ComparisonData, CurveData } from './comparison-data.ts';

/** Mean over seeds at each step that was measured, with one standard deviation on each side; of one run, the run. */
export const curvesOf = ({ arms, curves }: ComparisonData): CurveAnswer[] =>
  curves.map((curve) => ({
    metric: curve.metric,
    shots: curve.shots,
    label: curve.label,
    unit: curve.unit,
    band: 'one standard deviation over seeds',
    arms: arms.flatMap(({ name }) => armCurve(curve, name)),
  }));

const armCurve = (curve: CurveData, arm: string): CurveAnswer['arms'] => {
  const runs = curve.runs.filter((run) => run.arm === arm);
  const steps = new Map<number, number[]>();
  for (const { points } of runs)
    for (const { step, value } of points)
      if (Number.isFinite(value)) steps.set(step, [...(steps.get(step) ?? []), value]);
  if (steps.size === 0) return [];
  const points = [...steps.entries()]
    .sort(([one], [other]) => one - other)
    .map(([step, values]) => {
      const center = mean(values);
      const reach = values.length < 2 ? 0 : standardDeviation(values);
      return { step, mean: center, low: center - reach, high: center + reach, runs: values.length };
    });
  return [{ arm, seeds: runs.map(({ seed }) => seed), runIds: runs.map(({ runId }) => runId), points }];
};
