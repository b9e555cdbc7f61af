import type { MetricSeries, RunSeries } from '../../../main/api/contract.ts';
import { meansOf } from './curve-data.ts';

/** What a table tells of one metric of one run. */
export interface SeriesFacts {
  lowest: number;
  highest: number;
  last: { at: number; value: number };
  /** At each mark; undefined where there is no value near it. */
  marked: (number | undefined)[];
}

/** Places to read values at: the same parts of the range for all runs. */
export const tableMarks = ({ axis, from, width, buckets }: MetricSeries): number[] => {
  const length = width * buckets - (axis === 'step' ? 1 : 0);
  const marks = [0, 0.25, 0.5, 0.75, 1].map((part) => from + part * length);
  return axis === 'step' ? [...new Set(marks.map(Math.round))] : marks;
};

/** The lowest, the highest and the last are as they are stored; the marked ones are of the nearest bucket or point. */
export const seriesFacts = (
  answer: MetricSeries,
  series: RunSeries,
  marks: readonly number[],
): SeriesFacts => {
  const { at, values } = meansOf(answer, series);
  const single = series.kind === 'buckets' && series.extremes.length > 0 ? series.extremes : values;
  const known = single.filter((value) => value !== null);
  const reach = (answer.width * answer.buckets) / 8;
  const nearest = (mark: number): number | undefined => {
    let best: { distance: number; value: number } | undefined;
    for (const [index, value] of values.entries()) {
      const distance = Math.abs(at[index]! - mark);
      if (value !== null && distance <= reach && distance < (best?.distance ?? Infinity))
        best = { distance, value };
    }
    return best?.value;
  };
  return {
    lowest: known.reduce((a, b) => Math.min(a, b)),
    highest: known.reduce((a, b) => Math.max(a, b)),
    last: series.last,
    marked: marks.map(nearest),
  };
};
