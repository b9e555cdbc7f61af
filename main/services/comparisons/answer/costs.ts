import { seedsEstimate } from '../../../engine/statistics/crossed.ts';
import { estimateInterval } from '../../../engine/statistics/estimate-tests.ts';
import { mean, standardDeviation } from '../../../engine/statistics/moments.ts';
import { countText, valueText } from './number-text.ts';
import type { CostAnswer, Interval } from './comparison-answer.ts';
import type { ComparisonData, CostMeasure } from './comparison-data.ts';

type CostRun = CostAnswer['arms'][number]['runs'][number];

/** What each arm costs, and its ratio to the first arm that has that cost; at each number of shots by itself. */
export const costsOf = (data: ComparisonData): CostAnswer[] =>
  [...Map.groupBy(data.costs, ({ shots }) => shots)].flatMap(([shots, costs]) =>
    costsAt({ ...data, costs }, shots),
  );

const costsAt = (data: ComparisonData, shots: number | null): CostAnswer[] =>
  data.costMeasures.map((measure) => {
    const arms = data.arms.map(({ name }) => ({ arm: name, runs: runsOf(data, measure, name) }));
    const first = arms.find(({ runs }) => runs.length > 0)?.runs ?? [];
    return {
      ...measure,
      shots,
      arms: arms.map(({ arm, runs }) => {
        const values = runs.map(({ value }) => value);
        const own = values.length === 0 ? null : mean(values);
        const reference = first.length === 0 ? 0 : mean(first.map(({ value }) => value));
        return {
          arm,
          runs,
          mean: own,
          deviation: values.length < 2 ? null : standardDeviation(values),
          ratio: own === null || reference === 0 ? null : own / reference,
          ratioInterval: runs === first ? null : ratioInterval(runs, first, data.level),
        };
      }),
      caveat: caveatOf(data, measure),
    };
  });

const runsOf = (data: ComparisonData, { name }: CostMeasure, arm: string): CostRun[] =>
  data.costs.flatMap(({ arm: owner, seed, runId, values }) => {
    const value = values[name];
    return owner === arm && value !== undefined && Number.isFinite(value) ? [{ seed, runId, value }] : [];
  });

/** Runs that trained side by side have one peak of memory between them. */
const caveatOf = ({ costs }: ComparisonData, { name, label, unit }: CostMeasure): string => {
  const shared = costs.flatMap((run) => run.shared[name] ?? []);
  if (shared.length === 0) return '';
  const own = costs.filter(({ values }) => values[name] !== undefined).length;
  const others = shared.length === 1 ? 'one trained' : `${shared.length} trained`;
  return `${label.charAt(0).toUpperCase()}${label.slice(1)} is that of ${countText(own, 'run')} with a process each; ${others} beside others, in processes of up to ${valueText(Math.max(...shared), unit)}, which says nothing of one run.`;
};

/** Paired by seed, of the logarithms: a ratio is as likely to be twice as to be half. */
const ratioInterval = (
  runs: readonly CostRun[],
  first: readonly CostRun[],
  level: number,
): Interval | null => {
  const logs = runs.flatMap(({ seed, value }) => {
    const other = first.find((run) => run.seed === seed);
    return other === undefined || other.value <= 0 || value <= 0 ? [] : [Math.log(value / other.value)];
  });
  if (logs.length < 2) return null;
  const estimate = seedsEstimate([{ sign: 1, scores: logs }]);
  if (estimate.error < 1e-12) return null;
  const { low, high } = estimateInterval(estimate, level);
  const bounds = { low: Math.exp(low), high: Math.exp(high) };
  return Number.isFinite(bounds.high) ? bounds : null;
};
