import { z } from 'zod';
import { metricUnits } from '../../../engine/metrics/metric.ts';

/**
 * Everything that an answer is made from: what was measured, of whom, with which seed, item by item. Plain data that the store gives; the
 * answer is a pure function of it. Pure: it runs in a browser too. Numbers may be NaN or infinite where a run went astray.
 */

const anyNumber = z.custom<number>((value) => typeof value === 'number', 'a number');
const name = z.string().min(1);
/** Pictures of each class that was trained on; null where the comparison has no axis of shots. */
const shots = z.int().nullable().default(null);

/** One measured run of an arm: what it scored. */
export const runScoresSchema = z.strictObject({
  arm: name,
  seed: z.int(),
  runId: z.string(),
  /** The metric of the run as a whole; null where it follows from the items, whose weighted mean it then is. */
  score: anyNumber.nullable().default(null),
  /** Of each item, in the order of the metric's `itemIds`; null where the metric is no mean of items (F1), or nothing is there. */
  items: z.array(anyNumber).nullable(),
  /** Which items were scored, where they are other ones than the metric's; null where they are those. */
  itemIds: z.array(z.int()).nullable().default(null),
  /** Why there is nothing to compare, as a person should read it ("failed: out of memory"); null where there is. */
  problem: z.string().nullable(),
});

/** How often each class was taken for which. */
export const confusionsSchema = z.strictObject({
  classes: z.array(z.string()),
  subjects: z.array(
    z.strictObject({
      /** Null for the base model. */
      arm: name.nullable(),
      /** How many are added up: the seeds that were scored. */
      runs: z.int(),
      /** A row for each right class, a column for what was said. */
      counts: z.array(z.array(z.int())),
    }),
  ),
});

export const metricDataSchema = z.strictObject({
  task: name,
  metric: name,
  shots,
  /** As people read it: "accuracy". */
  label: z.string(),
  unit: z.enum(metricUnits),
  better: z.enum(['lower', 'higher']),
  /** Whether all runs scored the same items, so that differences can be taken item by item. */
  paired: z.boolean(),
  /** What guessing gives; null where that means nothing. */
  chance: anyNumber.nullable(),
  /** A difference that the user calls too small to matter, in the metric's unit; null where none was named. */
  margin: z.number().positive().nullable(),
  itemIds: z.array(z.int()),
  /** Of each item in means: tokens of a loss, 1 otherwise. */
  weights: z.array(anyNumber),
  /** The model without an adapter, item by item; null where it was not scored so. */
  base: z.array(anyNumber).nullable(),
  /** The model without an adapter, as a whole; null where it follows from the items or was not scored. */
  baseScore: anyNumber.nullable().default(null),
  runs: z.array(runScoresSchema),
  /** What else a reader must know of it. */
  caveats: z.array(z.string()).default([]),
  /** Null where the metric is none of classes. */
  confusions: confusionsSchema.nullable().default(null),
});

/** A cost that is measured: seconds per step, initialisation, peak memory, file size, parameters. */
export const costMeasureSchema = z.strictObject({
  name,
  label: z.string(),
  unit: z.enum(metricUnits),
  better: z.enum(['lower', 'higher']).nullable(),
});

export const runCostsSchema = z.strictObject({
  arm: name,
  shots,
  seed: z.int(),
  runId: z.string().default(''),
  values: z.record(z.string(), anyNumber),
  /** Measured of a process that had other runs too, by the same names: no cost of this run. */
  shared: z.record(z.string(), anyNumber).default({}),
});

/** How a metric went over the steps of each run. */
export const curveDataSchema = z.strictObject({
  metric: name,
  shots,
  label: z.string(),
  unit: z.enum(metricUnits),
  runs: z.array(
    z.strictObject({
      arm: name,
      seed: z.int(),
      runId: z.string(),
      points: z.array(z.strictObject({ step: z.number(), value: anyNumber })),
    }),
  ),
});

/** Trials of one setting, scored on the part of the training rows that was held out for tuning. */
export const tuningDataSchema = z.strictObject({
  /** The setting's name: `learningRate`. */
  setting: name,
  shots,
  label: z.string(),
  metric: name,
  metricLabel: z.string(),
  unit: z.enum(metricUnits),
  better: z.enum(['lower', 'higher']),
  trials: z.array(
    z.strictObject({
      arm: name,
      value: z.number(),
      seed: z.int(),
      runId: z.string(),
      score: anyNumber.nullable(),
      problem: z.string().nullable(),
    }),
  ),
});

export const comparisonDataSchema = z.strictObject({
  arms: z.array(z.strictObject({ name, method: z.string() })),
  seeds: z.array(z.int()),
  /** Of significance: the share of false claims that the user accepts where nothing differs. */
  level: z.number().gt(0).lt(0.5).default(0.05),
  /** Over what p is corrected beside the pairs of arms: each metric by itself, or all of them together, where any of them would do for a claim. */
  correction: z.enum(['by-metric', 'over-metrics']).default('by-metric'),
  metrics: z.array(metricDataSchema),
  costs: z.array(runCostsSchema),
  costMeasures: z.array(costMeasureSchema).default([]),
  curves: z.array(curveDataSchema).default([]),
  tuning: z.array(tuningDataSchema).default([]),
});

/** As it is written down: what has a default may be left out. */
export type ComparisonDataInput = z.input<typeof comparisonDataSchema>;
export type ComparisonData = z.output<typeof comparisonDataSchema>;
export type MetricData = ComparisonData['metrics'][number];
export type RunScores = MetricData['runs'][number];
export type Confusions = z.output<typeof confusionsSchema>;
export type RunCosts = ComparisonData['costs'][number];
export type CostMeasure = ComparisonData['costMeasures'][number];
export type CurveData = ComparisonData['curves'][number];
export type TuningData = ComparisonData['tuning'][number];
