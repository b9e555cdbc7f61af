import type { MetricSeries, Run } from '../../../main/api/contract.ts';

type Length = Pick<Run, 'step' | 'steps'>;

/**
 * The step up to which curves are asked for. Of a run whose steps are not counted yet that is a power of two that it has not reached: with
 * every other end, each step would change all buckets.
 */
export const plannedEnd = (runs: readonly Length[]): number =>
  Math.max(1, ...runs.map(({ step, steps }) => steps ?? 2 ** Math.ceil(Math.log2(step + 2))));

/** Where the axis ends: at the last step that is planned or was taken; without such at the end of what was answered. */
export const lastPlace = (overview: MetricSeries | undefined, runs: readonly Length[]): number =>
  runs.length > 0
    ? Math.max(1, ...runs.map(({ step, steps }) => steps ?? step))
    : overview === undefined
      ? 1
      : overview.from + overview.width * overview.buckets;
