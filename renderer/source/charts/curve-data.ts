import type { CurveKind } from '../../../main/api/contract.ts';
import type { Series } from '../state/series.ts';

/** A metric of a run, over its steps. */
export interface Curve {
  /** The run's place in the experiment: its colour. */
  run: number;
  /** The metric's place in the chart. */
  metric: number;
  kind: CurveKind;
  series: Series;
}

export type Column = (number | null)[];

/** What is drawn of a curve: its values, or, of a noisy one, their moving average too. */
export interface DrawnColumn {
  run: number;
  metric: number;
  look: CurveKind | 'smoothed';
  /** Null where the run has no value. */
  values: Column;
}

/** One x for all curves. */
export interface AlignedCurves {
  steps: number[];
  columns: DrawnColumn[];
}

/** @param lastStep the longest run's; longer runs are smoothed over more steps */
export const alignCurves = (curves: readonly Curve[], lastStep: number): AlignedCurves => {
  const weight = 1 - 1 / Math.max(2, lastStep / 25);
  const steps = [...new Set(curves.flatMap(({ series }) => [...series.keys()]))].sort((a, b) => a - b);
  const columns = curves.flatMap(({ run, metric, kind, series }): DrawnColumn[] => {
    const values = steps.map((step) => series.get(step) ?? null);
    const plain = { run, metric, look: kind, values };
    return kind === 'noisy'
      ? [plain, { run, metric, look: 'smoothed', values: smooth(values, weight) }]
      : [plain];
  });
  return { steps, columns };
};

/**
 * Exponential moving average, s_t = w s_(t-1) + (1 - w) x_t, divided by 1 - w^t: without that the first values would be
 * pulled towards zero (as in Adam). Nulls stay null and do not count.
 */
export const smooth = (column: Column, weight: number): Column => {
  let sum = 0;
  let decay = 1;
  return column.map((value) => {
    if (value === null) return null;
    sum = weight * sum + (1 - weight) * value;
    decay *= weight;
    return sum / (1 - decay);
  });
};
