import type { SettingValue, Sweep, Trial } from './sweep-schema.ts';
import { settingPath } from './setting-path.ts';
import type { TrialLoss } from './sweep-rounds.ts';

/** One value of a setting, with the losses of all trials that had it. */
export interface CurvePoint {
  readonly value: SettingValue;
  /** The lowest; null where every trial at it failed or overflowed. */
  readonly loss: number | null;
  readonly losses: readonly (number | null)[];
  readonly trials: readonly number[];
}

/** How an arm's score goes with one setting: the result of tuning, of which the best point is only one. */
export interface SweepCurve {
  readonly path: string;
  readonly points: readonly CurvePoint[];
  readonly best: CurvePoint | null;
  /** The best value is the first or last one tried, so a better one may lie beyond: the arm may not be at its best. */
  readonly isAtEdge: boolean;
}

const compare = (a: SettingValue, b: SettingValue): number =>
  typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b));

/** By the values of one setting, ascending; settings beside it are at their best at each. */
export const sweepCurve = (
  path: string,
  trials: readonly Trial[],
  results: readonly TrialLoss[],
): SweepCurve => {
  const { full } = settingPath(path);
  const lossOf = new Map(results.map(({ trial, loss }) => [trial, loss]));
  const measured = trials.filter(({ number, settings }) => lossOf.has(number) && full in settings);
  const byValue = Map.groupBy(measured, ({ settings }) => settings[full] as SettingValue);
  const points = [...byValue]
    .map(([value, group]): CurvePoint => {
      const losses = group.map(({ number }) => lossOf.get(number) ?? null);
      const finite = losses.filter((loss) => loss !== null).filter(Number.isFinite);
      return {
        value,
        losses,
        loss: finite.length === 0 ? null : Math.min(...finite),
        trials: group.map(({ number }) => number),
      };
    })
    .toSorted((a, b) => compare(a.value, b.value));
  const best = points.reduce<CurvePoint | null>(
    (lowest, point) =>
      point.loss !== null && (lowest === null || point.loss < lowest.loss!) ? point : lowest,
    null,
  );
  const isNumber = points.every(({ value }) => typeof value === 'number');
  const isAtEdge =
    isNumber && points.length > 1 && best !== null && (best === points[0] || best === points.at(-1));
  return { path: full, points, best, isAtEdge };
};

/** What tuning of one arm came to. */
export interface TuningOfArm {
  readonly arm: string;
  /** Trials that were run, failed ones too. */
  readonly results: readonly TrialLoss[];
}

/**
 * Whether what was tuned was tuned alike, in sentences; none where it was. The same trials for every arm, none lost, and no best value at
 * the edge of what was tried.
 */
export const tuningProblems = (
  sweep: Sweep,
  trials: readonly Trial[],
  arms: readonly TuningOfArm[],
): string[] => {
  const done = arms.map(({ arm, results }) => ({
    arm,
    results,
    completed: results.filter(({ loss }) => loss !== null).length,
  }));
  const most = Math.max(...done.map(({ completed }) => completed));
  const fewer = done
    .filter(({ completed }) => completed < most)
    .map(({ arm, completed }) => `${arm} was tuned by ${completed} trials, others by ${most}`);
  const edges = done.flatMap(({ arm, results }) =>
    Object.keys(sweep.settings).flatMap((path) => {
      const { isAtEdge, best, path: full } = sweepCurve(path, trials, results);
      return isAtEdge
        ? [
            `${arm} is best at ${full} ${String(best!.value)}, the edge of what was tried: a better one may lie beyond`,
          ]
        : [];
    }),
  );
  return [...fewer, ...edges];
};
