import { mean } from '../../../engine/statistics/moments.ts';
import type { Measured, MeasuredArm, UsableRun } from './measured.ts';

/** The unweighted means over tasks, at each number of shots by itself. */
export const taskMeans = (metrics: readonly Measured[]): Measured[] =>
  [...Map.groupBy(metrics, ({ shots }) => shots).values()].flatMap(meansOf);

/**
 * One for each share (an accuracy) that two or more tasks have. A task counts as much as any other, however
 * many items it has; the seeds are the same, the items are each task's own.
 */
const meansOf = (metrics: readonly Measured[]): Measured[] => {
  const names = [...new Set(metrics.filter(({ unit }) => unit === 'share').map(({ metric }) => metric))];
  return names
    .map((name) => metrics.filter(({ metric }) => metric === name))
    .filter((tasks) => tasks.length > 1)
    .map(taskMean);
};

const taskMean = (tasks: readonly Measured[]): Measured => {
  const first = tasks[0]!;
  const withItems = tasks.every(({ strata }) => strata.length === 1);
  return {
    task: `mean of ${tasks.length} tasks`,
    metric: first.metric,
    shots: first.shots,
    label: first.label,
    unit: first.unit,
    better: first.better,
    meanOf: tasks.map(({ task }) => task),
    chance: meanOrNull(tasks.map(({ chance }) => chance)),
    margin: meanOrNull(tasks.map(({ margin }) => margin)),
    strata: withItems ? tasks.map(({ strata }) => ({ ...strata[0]!, share: 1 / tasks.length })) : [],
    baseScore: meanOrNull(tasks.map(({ baseScore }) => baseScore)),
    arms: first.arms.map(({ arm }) => meanArm(tasks, arm, withItems)),
    caveats: [],
    confusions: null,
  };
};

const meanOrNull = (values: readonly (number | null)[]): number | null => {
  const known = values.filter((value) => value !== null);
  return known.length === values.length ? mean(known) : null;
};

/** A seed counts where every task has a usable run of it. */
const meanArm = (tasks: readonly Measured[], arm: string, withItems: boolean): MeasuredArm => {
  const parts = tasks.map(({ task, arms }) => ({ task, own: arms.find((each) => each.arm === arm)! }));
  const runs: UsableRun[] = [];
  for (const { seed, runId } of parts[0]!.own.runs) {
    const found = parts.map(({ own }) => own.runs.find((run) => run.seed === seed));
    const all = found.filter((run) => run !== undefined);
    if (all.length < parts.length) continue;
    const score = mean(all.map((run) => run.score));
    runs.push({ seed, runId, score, rows: withItems ? all.map(({ rows }) => rows[0]!) : [] });
  }
  const missing = parts.flatMap(({ task, own }) =>
    own.missing.map((entry) => ({ ...entry, problem: `${task}: ${entry.problem}` })),
  );
  return { arm, runs, missing };
};
