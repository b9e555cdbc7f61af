import { z } from 'zod';
import { metricUnits } from '../../../engine/metrics/metric.ts';
import { confusionsSchema } from './comparison-data.ts';

/**
 * What a comparison answers: numbers and the words that go with them. Screens, the command line and reports show this and compute nothing.
 * Pure: it runs in a browser too. All numbers are finite; what cannot be said is null, and a caveat or a verdict says why.
 */

export const verdicts = ['better', 'worse', 'equivalent', 'inconclusive', 'not comparable'] as const;
export const standings = ['better', 'no better', 'worse', 'unknown'] as const;

/**
 * Which randomness a test takes into account, so what its p speaks of: two methods (other seeds and other items could have been drawn), two
 * methods on just these items, or two sets of weights that happen to be there.
 */
export const scopes = ['methods', 'methods on these items', 'these trained models', 'nothing'] as const;

export const testNames = [
  'crossed', // seeds and items, both paired: t by variance components
  'crossed, seeds unpaired', // the items paired, other seeds for each arm
  'seeds', // paired t over the runs' scores
  'seeds, unpaired', // Welch's t over the runs' scores
  'items', // sign flips of the items of one run each
  'sign flips of seeds',
  'sign flips of items',
  'signed ranks of items',
  'McNemar',
  'binomial',
  'none',
] as const;

const interval = z.strictObject({ low: z.number(), high: z.number() });
const unit = z.enum(metricUnits);
const better = z.enum(['lower', 'higher']);
const scope = z.enum(scopes);
/** Pictures of each class that was trained on; null where the comparison has no axis of shots. */
const shots = z.int().nullable();

/** An arm against a fixed line: chance, or the base. */
export const gateSchema = z.strictObject({
  /** What it is held against. */
  reference: z.number(),
  /** The arm less the reference, in the metric's unit. */
  difference: z.number().nullable(),
  interval: interval.nullable(),
  p: z.number().nullable(),
  /** By Holm over the arms of this metric. */
  adjusted: z.number().nullable(),
  test: z.enum(testNames),
  scope,
  standing: z.enum(standings),
  words: z.string(),
});

export const armAnswerSchema = z.strictObject({
  arm: z.string(),
  runs: z.array(z.strictObject({ seed: z.int(), runId: z.string(), score: z.number() })),
  missing: z.array(z.strictObject({ seed: z.int(), runId: z.string().nullable(), problem: z.string() })),
  /** Over seeds; null where no run is usable. */
  mean: z.number().nullable(),
  /** Over seeds, with n - 1; null for fewer than two. */
  deviation: z.number().nullable(),
  /** Of the mean, at 1 - level. */
  interval: interval.nullable(),
  intervalScope: scope,
  chance: gateSchema.nullable(),
  base: gateSchema.nullable(),
});

/** One test, beside others. The first of a list is the one that the verdict rests on. */
export const testResultSchema = z.strictObject({
  name: z.enum(testNames),
  /** As people read it, with the seed where it is of one: "McNemar, seed 2". */
  label: z.string(),
  p: z.number(),
  /** The smallest p that it can give with so few units; null where that is no matter. */
  smallest: z.number().nullable(),
  scope,
});

export const agreementSchema = z.strictObject({
  /** Items, summed over the seeds that both have. */
  bothRight: z.int(),
  onlyFirst: z.int(),
  onlySecond: z.int(),
  neither: z.int(),
  /** Share of items on which the two differ, with the same seed. */
  between: z.number(),
  /** Share of items on which two seeds of one arm differ; null for one seed. */
  withinFirst: z.number().nullable(),
  withinSecond: z.number().nullable(),
  words: z.string(),
});

export const neededSchema = z.strictObject({
  /** The difference to be seen: the measured one, or the user's margin where that is larger. */
  difference: z.number(),
  from: z.enum(['margin', 'measured']),
  power: z.number(),
  /** In all, with the items as they are; null where no number would do, or more than 1000. */
  seeds: z.int().nullable(),
  /** In all, with the seeds as they are; null where no number would do, more than a million, or there are no items. */
  items: z.int().nullable(),
  /** The smallest difference that this comparison, as it is, would see with that power. */
  detectable: z.number(),
  words: z.string(),
});

export const pairAnswerSchema = z.strictObject({
  first: z.string(),
  second: z.string(),
  /** Seeds that both have and that count; of unpaired tests none. */
  seeds: z.array(z.int()),
  test: z.enum(testNames),
  scope,
  /** First less second, in the metric's unit. */
  difference: z.number().nullable(),
  /** Of the difference at 1 - level; it belongs to `p`. */
  interval: interval.nullable(),
  /** Resampling seeds and items; beside the interval, whose verdict counts. */
  bootstrap: z
    .strictObject({ percentile: interval, accelerated: interval, resamples: z.int(), words: z.string() })
    .nullable(),
  p: z.number().nullable(),
  /** By Holm over the metric's family. */
  adjusted: z.number().nullable(),
  tests: z.array(testResultSchema),
  effect: z
    .strictObject({
      name: z.enum(["Cohen's h", "Cohen's d_z", "Hedges' g_z", "Hedges' g"]),
      value: z.number(),
      words: z.string(),
    })
    .nullable(),
  /** Against the margin: two one-sided tests; the interval is at 1 - 2 level. */
  equivalence: z
    .strictObject({ margin: z.number(), p: z.number(), adjusted: z.number(), interval })
    .nullable(),
  /** Of items that are right or wrong. */
  agreement: agreementSchema.nullable(),
  needed: neededSchema.nullable(),
  verdict: z.enum(verdicts),
  /** One sentence with names and numbers. */
  words: z.string(),
  caveats: z.array(z.string()),
});

export const metricAnswerSchema = z.strictObject({
  task: z.string(),
  metric: z.string(),
  shots,
  label: z.string(),
  unit,
  better,
  /** The tasks whose unweighted mean this is; empty for a task of its own. */
  meanOf: z.array(z.string()),
  items: z.int(),
  chance: z.number().nullable(),
  margin: z.number().nullable(),
  base: z
    .strictObject({ score: z.number(), interval: interval.nullable(), chance: gateSchema.nullable() })
    .nullable(),
  arms: z.array(armAnswerSchema),
  pairs: z.array(pairAnswerSchema),
  /** Over what Holm's correction runs. */
  family: z.string(),
  /** Whether the answer as a whole rests on it. */
  decides: z.boolean(),
  /** What comes before any ranking; empty where nothing stands in the way. */
  gate: z.string(),
  caveats: z.array(z.string()),
  /** Of a metric of classes, the base first; null for any other. */
  confusions: confusionsSchema.nullable(),
});

export const costAnswerSchema = z.strictObject({
  name: z.string(),
  shots,
  label: z.string(),
  unit,
  better: better.nullable(),
  arms: z.array(
    z.strictObject({
      arm: z.string(),
      runs: z.array(z.strictObject({ seed: z.int(), runId: z.string(), value: z.number() })),
      mean: z.number().nullable(),
      deviation: z.number().nullable(),
      /** To the first arm that has the cost. */
      ratio: z.number().nullable(),
      /** Of the ratio, over the seeds that both have; null for fewer than two, and where it never varies. */
      ratioInterval: interval.nullable(),
    }),
  ),
  /** Why runs are missing; empty where none is. */
  caveat: z.string(),
});

/** Score against a cost. An arm is on the front if no other is at least as good at both and better at one, by the means. */
export const frontSchema = z.strictObject({
  task: z.string(),
  metric: z.string(),
  shots,
  metricLabel: z.string(),
  metricUnit: unit,
  metricBetter: better,
  cost: z.string(),
  costLabel: z.string(),
  costUnit: unit,
  costBetter: better,
  points: z.array(
    z.strictObject({
      arm: z.string(),
      cost: z.number(),
      score: z.number(),
      interval: interval.nullable(),
      /** The arm that beats it; null on the front. */
      dominatedBy: z.string().nullable(),
      /** Whether the two scores also differ by the verdict of their pair. */
      certain: z.boolean(),
    }),
  ),
});

export const curveAnswerSchema = z.strictObject({
  metric: z.string(),
  shots,
  label: z.string(),
  unit,
  /** What low and high are. */
  band: z.string(),
  arms: z.array(
    z.strictObject({
      arm: z.string(),
      seeds: z.array(z.int()),
      runIds: z.array(z.string()),
      points: z.array(
        z.strictObject({
          step: z.number(),
          mean: z.number(),
          low: z.number(),
          high: z.number(),
          runs: z.int(),
        }),
      ),
    }),
  ),
});

export const tuningAnswerSchema = z.strictObject({
  setting: z.string(),
  shots,
  label: z.string(),
  metric: z.string(),
  metricLabel: z.string(),
  unit,
  better,
  arms: z.array(
    z.strictObject({
      arm: z.string(),
      trials: z.int(),
      points: z.array(
        z.strictObject({ value: z.number(), mean: z.number(), scores: z.array(z.number()), failed: z.int() }),
      ),
      best: z.number().nullable(),
      /** The best stands at an end of what was tried, so a better one may lie beyond. */
      atEdge: z.boolean(),
    }),
  ),
  caveats: z.array(z.string()),
});

/** A score against the number of shots. The numbers are those of `metrics`, side by side. */
export const shotCurveSchema = z.strictObject({
  task: z.string(),
  metric: z.string(),
  label: z.string(),
  unit,
  better,
  decides: z.boolean(),
  chance: z.number().nullable(),
  /** Zero-shot: the model without an adapter, the same at every number of shots. */
  base: z.strictObject({ score: z.number(), interval: interval.nullable() }).nullable(),
  /** What the intervals are, and over what p is corrected. */
  band: z.string(),
  arms: z.array(
    z.strictObject({
      arm: z.string(),
      points: z.array(
        z.strictObject({
          shots: z.int(),
          /** Over seeds. */
          mean: z.number(),
          interval: interval.nullable(),
          /** Seeds that count. */
          runs: z.int(),
        }),
      ),
    }),
  ),
  pairs: z.array(
    z.strictObject({
      first: z.string(),
      second: z.string(),
      points: z.array(
        z.strictObject({
          shots: z.int(),
          /** First less second. */
          difference: z.number().nullable(),
          interval: interval.nullable(),
          adjusted: z.number().nullable(),
          verdict: z.enum(verdicts),
        }),
      ),
    }),
  ),
});

export const comparisonAnswerSchema = z.strictObject({
  version: z.literal(1),
  level: z.number(),
  seeds: z.array(z.int()),
  arms: z.array(z.strictObject({ name: z.string(), method: z.string() })),
  /** One sentence that a person can act on. */
  sentence: z.string(),
  /** What else should be known, the most important first. */
  points: z.array(z.string()),
  metrics: z.array(metricAnswerSchema),
  costs: z.array(costAnswerSchema),
  fronts: z.array(frontSchema),
  curves: z.array(curveAnswerSchema),
  /** Of each score of each task; empty without an axis of shots. */
  shotCurves: z.array(shotCurveSchema),
  tuning: z.array(tuningAnswerSchema),
});

export type Verdict = (typeof verdicts)[number];
export type Standing = (typeof standings)[number];
export type Scope = (typeof scopes)[number];
export type TestName = (typeof testNames)[number];
export type Interval = z.output<typeof interval>;
export type Gate = z.output<typeof gateSchema>;
export type ArmAnswer = z.output<typeof armAnswerSchema>;
export type TestResult = z.output<typeof testResultSchema>;
export type Agreement = z.output<typeof agreementSchema>;
export type Needed = z.output<typeof neededSchema>;
export type PairAnswer = z.output<typeof pairAnswerSchema>;
export type MetricAnswer = z.output<typeof metricAnswerSchema>;
export type CostAnswer = z.output<typeof costAnswerSchema>;
export type Front = z.output<typeof frontSchema>;
export type CurveAnswer = z.output<typeof curveAnswerSchema>;
export type ShotCurve = z.output<typeof shotCurveSchema>;
export type TuningAnswer = z.output<typeof tuningAnswerSchema>;
export type ComparisonAnswer = z.output<typeof comparisonAnswerSchema>;
