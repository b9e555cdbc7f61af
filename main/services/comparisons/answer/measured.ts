import type { MetricUnit } from '../../../engine/metrics/metric.ts';
import { weightedMean } from '../../../engine/statistics/moments.ts';
import type { ComparisonData, Confusions, MetricData, RunScores } from './comparison-data.ts';

/**
 * A metric in the one form that everything after computes with: usable runs only, items as one stratum for each task. A metric that is no mean of
 * items has no strata.
 */
export interface Measured {
  readonly task: string;
  readonly metric: string;
  readonly shots: number | null;
  readonly label: string;
  readonly unit: MetricUnit;
  readonly better: 'lower' | 'higher';
  readonly meanOf: readonly string[];
  readonly chance: number | null;
  readonly margin: number | null;
  readonly strata: readonly MeasuredStratum[];
  readonly baseScore: number | null;
  readonly arms: readonly MeasuredArm[];
  readonly caveats: readonly string[];
  readonly confusions: Confusions | null;
}

export interface MeasuredStratum {
  readonly share: number;
  readonly weights: readonly number[];
  readonly base: readonly number[] | null;
}

export interface MeasuredArm {
  readonly arm: string;
  readonly runs: readonly UsableRun[];
  readonly missing: readonly { seed: number; runId: string | null; problem: string }[];
}

export interface UsableRun {
  readonly seed: number;
  readonly runId: string;
  readonly score: number;
  /** Of each stratum the items; none where the metric has none. */
  readonly rows: readonly (readonly number[])[];
}

/** How many items there are in all. */
export const itemCount = ({ strata }: Measured): number =>
  strata.reduce((sum, { weights }) => sum + weights.length, 0);

/** Whether every item is right or wrong, and counts as much as any other of its task. */
export const isRightOrWrong = ({ strata, arms }: Measured): boolean =>
  strata.length > 0 &&
  strata.every(({ weights }) => weights.every((weight) => weight === weights[0])) &&
  arms.every(({ runs }) =>
    runs.every(({ rows }) => rows.every((row) => row.every((value) => value === 0 || value === 1))),
  );

export const measuredOf = (data: ComparisonData, metric: MetricData): Measured => {
  const byItems =
    metric.paired && metric.itemIds.length >= 2 && metric.weights.length === metric.itemIds.length;
  const base = metric.base !== null && metric.base.every(Number.isFinite) ? metric.base : null;
  const stratum: MeasuredStratum = {
    share: 1,
    weights: metric.weights,
    base: base?.length === metric.itemIds.length ? base : null,
  };
  const hasItems = byItems && metric.runs.some(({ items, problem }) => items !== null && problem === null);
  const { task, metric: name, shots, label, unit, better, chance, margin, confusions } = metric;
  return {
    task,
    metric: name,
    shots,
    label,
    unit,
    better,
    chance: chance !== null && Number.isFinite(chance) ? chance : null,
    margin,
    meanOf: [],
    strata: hasItems ? [stratum] : [],
    baseScore: baseScoreOf(metric, base),
    arms: data.arms.map(({ name: arm }) => measuredArm(data, metric, arm, hasItems)),
    caveats: caveatsOf(metric, base),
    confusions,
  };
};

const baseScoreOf = (metric: MetricData, base: readonly number[] | null): number | null => {
  if (base !== null && base.length === metric.weights.length && base.length > 0)
    return weightedMean(base, metric.weights);
  return metric.baseScore !== null && Number.isFinite(metric.baseScore) ? metric.baseScore : null;
};

const caveatsOf = (metric: MetricData, base: readonly number[] | null): string[] => {
  const caveats = [...metric.caveats];
  if (!metric.paired)
    caveats.push('The arms were not scored on the same items, so nothing is compared item by item.');
  if (metric.base !== null && base === null)
    caveats.push('The base model scored something that is no number; it is left out.');
  if (metric.base === null && metric.baseScore === null)
    caveats.push('The base model was not scored: whether training helped at all is not known.');
  return caveats;
};

const measuredArm = (
  data: ComparisonData,
  metric: MetricData,
  arm: string,
  hasItems: boolean,
): MeasuredArm => {
  const runs: UsableRun[] = [];
  const missing: { seed: number; runId: string | null; problem: string }[] = [];
  const own = metric.runs.filter((run) => run.arm === arm);
  for (const run of own) {
    const twice = runs.some(({ seed }) => seed === run.seed);
    const problem = twice ? 'another run with this seed counts' : problemOf(metric, run, hasItems);
    if (problem === null) runs.push(usable(metric, run, hasItems));
    else missing.push({ seed: run.seed, runId: run.runId, problem });
  }
  for (const seed of data.seeds)
    if (!own.some((run) => run.seed === seed))
      missing.push({ seed, runId: null, problem: 'there is no run with this seed' });
  return { arm, runs: runs.sort((one, other) => one.seed - other.seed), missing };
};

const usable = (metric: MetricData, run: RunScores, hasItems: boolean): UsableRun => ({
  seed: run.seed,
  runId: run.runId,
  score: hasItems || run.score === null ? weightedMean(run.items!, metric.weights) : run.score,
  rows: hasItems ? [run.items!] : [],
});

/** Why a run can't be compared; null where it can. */
const problemOf = (metric: MetricData, run: RunScores, hasItems: boolean): string | null => {
  if (run.problem !== null) return run.problem;
  if (run.items === null && run.score === null) return `${metric.label} was not measured`;
  if (run.items === null && hasItems) return `${metric.label} was not measured item by item`;
  if (run.items === null || !hasItems) {
    const score = run.score ?? weightedMean(run.items!, metric.weights);
    return Number.isFinite(score) ? null : `${metric.label} is no number`;
  }
  if (!sameItems(metric, run)) return 'it was scored on other items';
  const bad = run.items.filter((value) => !Number.isFinite(value)).length;
  return bad === 0 ? null : `${bad} of ${run.items.length} items gave no number`;
};

const sameItems = (metric: MetricData, { items, itemIds }: RunScores): boolean =>
  items!.length === metric.itemIds.length &&
  (itemIds === null ||
    (itemIds.length === metric.itemIds.length && itemIds.every((id, index) => id === metric.itemIds[index])));
