import type { CurveKind, MetricSeries, RunSeries } from '../../../main/api/contract.ts';
import { smooth } from './smooth.ts';
import type { Average } from './smooth.ts';

/** Null where there is no value; undefined where others have one. */
export type Column = (number | null | undefined)[];

/** `raw` are values as they came behind their `smoothed` average; a `line` is what stands for itself; `sparse` are a few points. */
export type CurveLook = 'raw' | 'line' | 'smoothed' | 'sparse';

/** What is drawn of one metric of one run. */
export interface DrawnColumn {
  runId: string;
  /** The metric's place in the chart. */
  metric: number;
  look: CurveLook;
  values: Column;
}

/** One axis for all curves. */
export interface AlignedCurves {
  at: number[];
  columns: DrawnColumn[];
}

export interface CurveWishes {
  /** In the order of the chart. */
  metrics: readonly { name: string; kind: CurveKind }[];
  isShown: (runId: string, metric: string) => boolean;
  /** How much of the axis an average reaches over; 0 for none. */
  window: number;
  /** Whether noisy values are drawn behind their average. */
  withRaw: boolean;
  /** On a logarithmic axis there is no place for others. */
  onlyPositive: boolean;
}

/** Where a bucket stands. */
export const bucketPlace = ({ axis, from, width }: MetricSeries, bucket: number): number =>
  from + bucket * width + (axis === 'step' ? (width - 1) / 2 : width / 2);

const looks: readonly CurveLook[] = ['raw', 'line', 'smoothed', 'sparse'];

/**
 * @param shown the series of the range that is drawn
 * @param overview those of all steps: an average does not begin where the range does
 */
export const alignCurves = (
  shown: MetricSeries,
  overview: MetricSeries | undefined,
  wishes: CurveWishes,
): AlignedCurves => {
  const visible = shown.series.filter(({ runId, metric }) => wishes.isShown(runId, metric));
  const axis = sharedAxis(shown, visible);
  const columns = visible.flatMap((series) => {
    const metric = wishes.metrics.findIndex(({ name }) => name === series.metric);
    const kind = wishes.metrics[metric]?.kind;
    if (kind === undefined) return [];
    const column = (look: CurveLook, values: Column): DrawnColumn => ({
      runId: series.runId,
      metric,
      look,
      values: wishes.onlyPositive
        ? values.map((value) => (value !== null && value !== undefined && value <= 0 ? null : value))
        : values,
    });
    const asMeasured = (): Column => axis.put(series);
    if (kind === 'sparse') return [column('sparse', asMeasured())];
    if (kind === 'exact' || wishes.window === 0) return [column('line', asMeasured())];
    const { at, values } = meansOf(shown, series);
    const start = averageBefore(overview, series, shown.from, wishes.window);
    const average = smooth(at, values, wishes.window, shown.width, start).values;
    const smoothed = column('smoothed', axis.putMeans(series, average));
    return wishes.withRaw ? [column('raw', asMeasured()), smoothed] : [smoothed];
  });
  return { at: axis.at, columns: columns.sort((a, b) => looks.indexOf(a.look) - looks.indexOf(b.look)) };
};

/** One value a place, as averages take them. */
export const meansOf = (
  answer: MetricSeries,
  series: RunSeries,
): { at: readonly number[]; values: readonly (number | null)[] } =>
  series.kind === 'points'
    ? series
    : { at: series.means.map((_, bucket) => bucketPlace(answer, bucket)), values: series.means };

/** The average of what the overview has before a place, where that is not its beginning. */
const averageBefore = (
  overview: MetricSeries | undefined,
  { runId, metric }: RunSeries,
  from: number,
  window: number,
): Average | undefined => {
  const whole = overview?.series.find((series) => series.runId === runId && series.metric === metric);
  if (overview === undefined || whole === undefined || from <= overview.from) return undefined;
  const { at, values } = meansOf(overview, whole);
  const count = at.filter((place) => place + overview.width / 2 < from).length;
  return smooth(at.slice(0, count), values.slice(0, count), window, overview.width).end;
};

/** A place for each bucket, two where buckets have a lowest and a highest value, and one for each point. */
const sharedAxis = (answer: MetricSeries, visible: readonly RunSeries[]) => {
  const bucketed = visible.filter((series) => series.kind === 'buckets');
  const slots = bucketed.some(({ extremes }) => extremes.length > 0) ? 2 : 1;
  const buckets = Math.max(0, ...bucketed.map(({ means }) => means.length));
  const apart = slots === 2 ? answer.width / 4 : 0;
  const places = Array.from({ length: buckets * slots }, (_, slot) => {
    const middle = bucketPlace(answer, Math.floor(slot / slots));
    return slot % 2 === 0 || slots === 1 ? middle - apart : middle + apart;
  });
  const points = visible.flatMap((series) => (series.kind === 'points' ? series.at : []));
  const at = [...new Set([...places, ...points])].sort((a, b) => a - b);
  const indexOf = new Map(at.map((place, index) => [place, index]));
  const slotIndex = places.map((place) => indexOf.get(place)!);

  const putPoints = (from: readonly number[], values: readonly (number | null)[]): Column => {
    const column = Array<number | null | undefined>(at.length).fill(undefined);
    for (const [index, place] of from.entries()) column[indexOf.get(place)!] = values[index];
    return column;
  };
  const putMeans = (series: RunSeries, means: readonly (number | null)[]): Column => {
    if (series.kind === 'points') return putPoints(series.at, means);
    const column = Array<number | null | undefined>(at.length).fill(undefined);
    for (const [bucket, value] of means.entries()) column[slotIndex[bucket * slots]!] = value ?? undefined;
    return column;
  };
  return {
    at,
    putMeans,
    put: (series: RunSeries): Column => {
      if (series.kind === 'points') return putPoints(series.at, series.values);
      if (series.extremes.length === 0) return putMeans(series, series.means);
      const column = Array<number | null | undefined>(at.length).fill(undefined);
      for (const [slot, value] of series.extremes.entries()) column[slotIndex[slot]!] = value ?? undefined;
      return column;
    },
  };
};

/** The nearest value to a place, to either side. */
export const nearestValue = (
  at: ArrayLike<number>,
  values: Column,
  index: number,
): { at: number; value: number } | undefined => {
  for (let distance = 0; distance < at.length; distance++) {
    const candidates = distance === 0 ? [index] : [index - distance, index + distance];
    for (const candidate of candidates) {
      const value = values[candidate];
      if (value !== null && value !== undefined) return { at: at[candidate]!, value };
    }
    if (index - distance < 0 && index + distance >= at.length) return undefined;
  }
  return undefined;
};
