import type { Series } from '../../state/series.ts';

/** What is drawn of one run. */
export interface Curves {
  train: Series;
  heldOut: Series;
}

type Column = (number | null)[];

/** One x for all runs and, per run, three columns on it: train, smoothed train, held-out. Null where a run has no value. */
export interface AlignedCurves {
  steps: number[];
  columns: Column[];
}

export const columnsPerRun = 3;

/** @param lastStep the longest run's; longer runs are smoothed over more steps */
export const alignCurves = (runs: readonly Curves[], lastStep: number): AlignedCurves => {
  const weight = 1 - 1 / Math.max(2, lastStep / 25);
  const known = new Set(runs.flatMap(({ train, heldOut }) => [...train.keys(), ...heldOut.keys()]));
  const steps = [...known].sort((a, b) => a - b);
  const column = (series: Series): Column => steps.map((step) => series.get(step) ?? null);
  return {
    steps,
    columns: runs.flatMap(({ train, heldOut }) => {
      const trainColumn = column(train);
      return [trainColumn, smooth(trainColumn, weight), column(heldOut)];
    }),
  };
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
