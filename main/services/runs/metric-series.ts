import type { Store } from '../../store/store.ts';
import { inTurns } from '../shared/in-turns.ts';
import type { MetricSeries, MetricSeriesParameters, RunSeries } from '../shared/metric-series.ts';
import { bucketParts, partsOfValues, secondsGrid, stepGrid, type BucketGrid } from './metric-buckets.ts';
import { few, readParts, unitOf, type Curve, type PlacedParts, type StepRange } from './metric-parts.ts';
import { stepClock, type StepClock } from './step-clock.ts';

/** What of the store it takes. */
export type StoredMetrics = Pick<
  Store['metrics'],
  'columns' | 'portions' | 'lastStep' | 'lastUpTo' | 'sumThrough' | 'stepWhereSumReaches'
>;

/** Added up, these are a run's time. */
const clockMetric = 'train/step_seconds';

/** @param assertRun throws where there is no such run */
export const createMetricSeries =
  (stored: StoredMetrics, assertRun: (id: string) => unknown) =>
  (parameters: MetricSeriesParameters): Promise<MetricSeries> => {
    parameters.runIds.forEach(assertRun);
    return inTurns(
      parameters.axis === 'step' ? overSteps(stored, parameters) : overSeconds(stored, parameters),
    );
  };

/** Yields after each piece that takes its time, so that others are answered in between. */
function* overSteps(
  stored: StoredMetrics,
  parameters: MetricSeriesParameters,
): Generator<void, MetricSeries> {
  const { axis, runIds, metrics, from, buckets } = parameters;
  const lastSteps = (): number[] =>
    runIds.flatMap((id) => metrics.map((metric) => stored.lastStep(id, metric) ?? 0));
  const to = parameters.to ?? Math.max(...lastSteps());
  const unit = unitOf(to - from + 1, buckets, 2);
  const grid = stepGrid(from, to, buckets, unit);
  const range = { first: grid.from, last: Math.ceil(to), unit };
  const series: RunSeries[] = [];
  for (const runId of runIds)
    for (const metric of metrics) {
      series.push(...seriesOf(stored, { runId, metric, ...range }, grid));
      yield;
    }
  return { axis, ...grid, series };
}

/**
 * In a range of very many steps a portion stands where it ends, which is off by a quarter of a bucket at most where steps take alike. What shares a portion
 * with a step that took long (a machine that slept) stands at the end of that one.
 */
function* overSeconds(
  stored: StoredMetrics,
  parameters: MetricSeriesParameters,
): Generator<void, MetricSeries> {
  const { axis, runIds, metrics, from, buckets } = parameters;
  const seconds = new Map(
    runIds.map((id) => [id, stored.sumThrough(id, clockMetric, Number.MAX_SAFE_INTEGER)]),
  );
  const to = parameters.to ?? Math.max(...seconds.values());
  const grid = secondsGrid(from, to, buckets);
  const series: RunSeries[] = [];
  for (const [runId, all] of seconds) {
    if (all === 0) continue; // of a version that did not measure it
    const stepAt = (time: number): number =>
      time <= 0
        ? 0
        : (stored.stepWhereSumReaches(runId, clockMetric, time) ?? stored.lastStep(runId, clockMetric) ?? 0);
    const [first, last] = [stepAt(from), stepAt(to)];
    const range = { first, last, unit: unitOf(last - first + 1, buckets, 4) };
    const clock = clockOf(stored, runId, range);
    yield;
    for (const metric of metrics) {
      series.push(...seriesOf(stored, { runId, metric, ...range }, grid, { clock, from, to }));
      yield;
    }
  }
  return { axis, ...grid, series };
}

const clockOf = (stored: StoredMetrics, runId: string, { first, last, unit }: StepRange): StepClock => {
  if (unit === 1) {
    const { steps, values } = stored.columns(runId, clockMetric, first, last);
    return stepClock(stored.sumThrough(runId, clockMetric, first - 1), steps, values);
  }
  const { firsts, sums } = stored.portions(runId, clockMetric, unit, first, last);
  const before = stored.sumThrough(runId, clockMetric, (firsts[0] ?? first) - 1);
  return stepClock(
    before,
    firsts.map((one) => one + unit - 1),
    sums,
  );
};

interface SecondsRange {
  readonly clock: StepClock;
  readonly from: number;
  readonly to: number;
}

/** In seconds, each part where it ends, less what the steps at the two ends have beyond the range. */
const inSeconds = (
  { at, parts, unit }: PlacedParts,
  { clock, from, to }: SecondsRange,
): Omit<PlacedParts, 'unit'> => {
  const ends = at.map((step) => clock.at(step + unit - 1));
  // A portion is in part within the range.
  if (unit > 1) return { at: ends.map((end) => Math.min(Math.max(end, from), to)), parts };
  const kept = ends.flatMap((end, index) => (end >= from && end <= to ? [index] : []));
  const values = { steps: kept.map((index) => at[index]!), values: kept.map((index) => parts.sums[index]!) };
  return { at: kept.map((index) => ends[index]!), parts: partsOfValues(values) };
};

const seriesOf = (
  stored: StoredMetrics,
  curve: Curve,
  grid: BucketGrid,
  seconds?: SecondsRange,
): RunSeries[] => {
  const { runId, metric } = curve;
  const read = readParts(stored, curve);
  const { at, parts } = seconds === undefined ? read : inSeconds(read, seconds);
  const [end, lastSum] = [at.at(-1), parts.sums.at(-1)];
  if (end === undefined || lastSum === undefined) return [];
  if (read.unit === 1) {
    const common = { runId, metric, last: { at: end, value: lastSum } };
    return at.length <= few
      ? [{ ...common, kind: 'points', at: [...at], values: [...parts.sums] }]
      : [{ ...common, kind: 'buckets', ...bucketParts(at, parts, grid) }];
  }
  const last = lastOf(stored, curve, seconds);
  if (last === undefined) return [];
  return [{ runId, metric, last, kind: 'buckets', ...bucketParts(at, parts, grid) }];
};

/** The last value of a curve in the range, exactly where it is. */
const lastOf = (
  stored: StoredMetrics,
  { runId, metric, last }: Curve,
  seconds: SecondsRange | undefined,
): RunSeries['last'] | undefined => {
  const found = stored.lastUpTo(runId, metric, last);
  if (found === undefined || seconds === undefined) return found && { at: found.step, value: found.value };
  const at = stored.sumThrough(runId, clockMetric, found.step);
  if (at <= seconds.to) return { at, value: found.value };
  // The last step of a range of seconds is in part beyond it.
  const before = stored.lastUpTo(runId, metric, found.step - 1);
  return before && { at: stored.sumThrough(runId, clockMetric, before.step), value: before.value };
};
