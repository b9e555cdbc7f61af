import { z } from 'zod';

const id = z.string().min(1);

/** What curves are drawn over: optimizer steps, or the seconds that those took (evaluations, pauses and loading are not among them). */
export const seriesAxes = ['step', 'seconds'] as const;
export type SeriesAxis = (typeof seriesAxes)[number];

export const metricSeriesParameters = z.strictObject({
  runIds: z.array(id).min(1).max(1000),
  metrics: z.array(id).min(1).max(20),
  axis: z.enum(seriesAxes).default('step'),
  /** Both ends are included; the end is that of the longest run when absent. */
  from: z.number().min(0).default(0),
  to: z.number().min(0).optional(),
  /** The most that the range is cut into; steps are not cut. */
  buckets: z.int().min(1).max(4000).default(500),
});

const values = z.array(z.number().nullable());
const common = {
  runId: id,
  metric: id,
  /** The last of the range, as it is stored. */
  last: z.strictObject({ at: z.number(), value: z.number() }),
};

/** Columns rather than objects: one answer holds tens of thousands of numbers. */
const seriesSchema = z.discriminatedUnion('kind', [
  /** A few values: all of them, with their places on the axis. */
  z.strictObject({
    ...common,
    kind: z.literal('points'),
    at: z.array(z.number()),
    values: z.array(z.number()),
  }),
  /**
   * Many: what each bucket has, to seven digits, up to the last that has anything; null where there is nothing. `extremes` are two a bucket,
   * the lowest and the highest in the order in which they came; none at all where no bucket has more than one value.
   */
  z.strictObject({ ...common, kind: z.literal('buckets'), means: values, extremes: values }),
]);

export const metricSeriesSchema = z.strictObject({
  axis: z.enum(seriesAxes),
  /** Bucket i begins at `from + i · width`, and ends before the next does; the last one includes the end. */
  from: z.number(),
  width: z.number(),
  buckets: z.int(),
  /** Of what has values in the range: run by run, each in the order of the metrics asked for. */
  series: z.array(seriesSchema),
});

export type MetricSeriesParameters = z.output<typeof metricSeriesParameters>;
export type MetricSeries = z.output<typeof metricSeriesSchema>;
export type RunSeries = z.output<typeof seriesSchema>;
