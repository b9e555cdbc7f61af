import type { MetricUnit } from '../metrics/metric.ts';

/** What a score is. Pure: a browser can import this. */
export interface ScoreEntry {
  readonly name: string;
  readonly label: string;
  /** Where the surroundings say the rest: over a column. */
  readonly short: string;
  /** Where items are of classes, and it is called otherwise. */
  readonly ofClasses?: string;
  readonly unit: MetricUnit;
  readonly better: 'lower' | 'higher';
  /** Whether it is the mean of the items' values, weighted by the items' weights; others follow from all items together (`scoreItems`). */
  readonly mean: boolean;
  /** Whether a guess has a chance of being right: the task's `chance` is meant for it. */
  readonly guessed: boolean;
}

const entries = [
  {
    name: 'loss',
    label: 'loss per token',
    ofClasses: 'cross-entropy',
    short: 'loss',
    unit: 'loss',
    better: 'lower',
    mean: true,
    guessed: false,
  },
  {
    name: 'perplexity', // the exponential of the loss over all items
    label: 'perplexity per token',
    short: 'perplexity',
    unit: 'number',
    better: 'lower',
    mean: false,
    guessed: false,
  },
  {
    name: 'accuracy',
    label: 'accuracy',
    short: 'acc',
    unit: 'share',
    better: 'higher',
    mean: true,
    guessed: true,
  },
  {
    name: 'accuracy_characters', // lm-evaluation-harness calls it acc_norm
    label: 'accuracy by likelihood per character',
    short: 'acc_norm',
    unit: 'share',
    better: 'higher',
    mean: true,
    guessed: true,
  },
  {
    name: 'accuracy_bytes', // and this one acc_bytes
    label: 'accuracy by likelihood per byte',
    short: 'acc_bytes',
    unit: 'share',
    better: 'higher',
    mean: true,
    guessed: true,
  },
  {
    name: 'class_accuracy', // each class counting alike, however many items it has: balanced accuracy
    label: 'accuracy, mean over the classes',
    short: 'class acc',
    unit: 'share',
    better: 'higher',
    mean: false,
    guessed: true,
  },
  {
    name: 'f1', // the mean of the classes' F1, each class counting alike
    label: 'F1, mean over the classes',
    short: 'F1',
    unit: 'share',
    better: 'higher',
    mean: false,
    guessed: false,
  },
] as const satisfies readonly ScoreEntry[];

export type ScoreName = (typeof entries)[number]['name'];
export const scoreNames = entries.map(({ name }) => name) as [ScoreName, ...ScoreName[]];
export const scoreRegistry: readonly (ScoreEntry & { readonly name: ScoreName })[] = entries;

/** @throws Error for a name that the registry lacks, which is a defect */
export const scoreEntry = (wanted: ScoreName): ScoreEntry & { readonly name: ScoreName } => {
  const entry = scoreRegistry.find(({ name }) => name === wanted);
  if (entry === undefined) throw new Error(`no score ${wanted}`);
  return entry;
};
