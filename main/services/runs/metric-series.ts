import type { MetricColumns } from '../../store/repositories/metrics.ts';
import type { Store } from '../../store/store.ts';
import { inTurns } from '../shared/in-turns.ts';
import type { MetricSeries, MetricSeriesParameters, RunSeries } from '../shared/metric-series.ts';
import { bucketValues, secondsGrid, stepGrid, type BucketGrid } from './metric-buckets.ts';
import { stepClock, type StepClock } from './step-clock.ts';

/** What of the store it takes. */
export type StoredMetrics = Pick<Store['metrics'], 'columns' | 'lastStep'>;

/** So many values are told as they are. */
const few = 50;

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
  const grid = stepGrid(from, to, buckets);
  const series: RunSeries[] = [];
  for (const runId of runIds)
    for (const metric of metrics) {
      const { steps, values } = stored.columns(runId, metric, grid.from, Math.ceil(to));
      series.push(...seriesOf(runId, metric, steps, values, grid));
      yield;
    }
  return { axis, ...grid, series };
}

function* overSeconds(
  stored: StoredMetrics,
  parameters: MetricSeriesParameters,
): Generator<void, MetricSeries> {
  const { axis, runIds, metrics, from, buckets } = parameters;
  const clocks = new Map<string, StepClock>();
  for (const id of runIds) {
    clocks.set(id, stepClock(stored.columns(id, 'train/step_seconds', 0, Number.MAX_SAFE_INTEGER)));
    yield;
  }
  const to = parameters.to ?? Math.max(...[...clocks.values()].map(({ seconds }) => seconds));
  const grid = secondsGrid(from, to, buckets);
  const series: RunSeries[] = [];
  for (const [runId, clock] of clocks) {
    if (clock.seconds === 0) continue; // of a version that did not measure it
    const [first, last] = [clock.stepAt(from), clock.stepAt(to)];
    for (const metric of metrics) {
      const { steps, values } = within(stored.columns(runId, metric, first, last), clock, from, to);
      series.push(...seriesOf(runId, metric, steps, values, grid));
      yield;
    }
  }
  return { axis, ...grid, series };
}

/** In seconds, less what the steps at the two ends have beyond the range. */
const within = (columns: MetricColumns, clock: StepClock, from: number, to: number): MetricColumns => {
  const at = columns.steps.map((step) => clock.at(step));
  const kept = at.flatMap((seconds, index) => (seconds >= from && seconds <= to ? [index] : []));
  return { steps: kept.map((index) => at[index]!), values: kept.map((index) => columns.values[index]!) };
};

const seriesOf = (
  runId: string,
  metric: string,
  at: readonly number[],
  values: readonly number[],
  grid: BucketGrid,
): RunSeries[] => {
  const [end, value] = [at.at(-1), values.at(-1)];
  if (end === undefined || value === undefined) return [];
  const common = { runId, metric, last: { at: end, value } };
  return at.length <= few
    ? [{ ...common, kind: 'points', at: [...at], values: [...values] }]
    : [{ ...common, kind: 'buckets', ...bucketValues(at, values, grid) }];
};
