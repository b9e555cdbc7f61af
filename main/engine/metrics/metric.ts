import type { ObjectiveName } from '../objective-names.ts';

/** What a number is. Whoever writes numbers for people has a way to write each of these. */
export const metricUnits = [
  'loss',
  'share',
  'seconds',
  'per second',
  'pictures per second',
  'bytes',
  'count',
  'rate',
  'number',
] as const;
export type MetricUnit = (typeof metricUnits)[number];

/** Metrics that are looked at together, in the order in which they are offered. */
export const metricGroups = {
  loss: 'Loss',
  evaluation: 'Evaluation',
  optimisation: 'Optimisation',
  speed: 'Speed',
  size: 'Size',
} as const;
export type MetricGroup = keyof typeof metricGroups;

/** How values over the steps are drawn: `noisy` ones can be smoothed, `exact` ones must not be, `sparse` ones are a few points. */
export const curveKinds = ['noisy', 'exact', 'sparse'] as const;
export type CurveKind = (typeof curveKinds)[number];

/** What a comparison shows of a metric: `change` is after less before, `once` the one value that a run has. */
export const summaryColumns = ['before', 'after', 'change', 'once'] as const;
export type SummaryColumn = (typeof summaryColumns)[number];

/** Everything that charts, tables, the command line and the store know of a metric. */
export interface MetricEntry {
  /** As it is stored: the part of a run that it is measured in, and what is measured. */
  readonly name: `${'train' | 'validation' | 'run'}/${string}`;
  /** In a list of facts. */
  readonly label: string;
  /** Where the surroundings say the rest: in a chart's legend, beside a run, over a column. */
  readonly short: string;
  readonly unit: MetricUnit;
  readonly group: MetricGroup;
  readonly better: 'lower' | 'higher' | null;
  readonly shown: {
    /** Metrics of one group and unit share a chart; null for those with one value a run. */
    readonly curve: CurveKind | null;
    /** Whether the latest value stands beside a run in lists. */
    readonly beside: boolean;
  };
  /** What a run keeps of it in the end; null where that is nothing. */
  readonly summary: MetricSummary | null;
  /** Absent where it is measured. */
  readonly from?: Derivation;
}

/** Ways in which a metric's values follow from another's. */
export const derivations = { exponential: Math.exp } as const satisfies Readonly<
  Record<string, (value: number) => number>
>;

/** How a metric follows from another one, and for what a model must be trained for that to mean something. */
export interface Derivation {
  readonly metric: string;
  readonly by: keyof typeof derivations;
  readonly objectives: readonly ObjectiveName[];
}

export const compactPlaces = ['narrow', 'text'] as const;
export type CompactPlace = (typeof compactPlaces)[number];

export interface MetricSummary {
  /** Every completed run tells it, of whatever version. */
  readonly always?: true;
  /** None where it is kept and not compared. */
  readonly columns: readonly SummaryColumn[];
  /** Over its columns in the window; the label unless told otherwise. */
  readonly heading?: string;
  /** Over its columns in a table of text; the short name unless told otherwise. */
  readonly title?: string;
  /** Where it gives way to the others: in a narrow window, in tables of text. */
  readonly leftOut?: readonly CompactPlace[];
  /** The metric that this one is a part of: the share is shown beside it. */
  readonly partOf?: string;
}
