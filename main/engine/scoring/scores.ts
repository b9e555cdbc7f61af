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
  /** What a reader must know where nothing but this was measured. */
  readonly alone?: string;
  /** The score that it is a part of. */
  readonly partOf?: string;
  /** What its items are, where a reader could take them for more. */
  readonly ofItems?: string;
  /** Whether an answer rests on it before any loss: it is what a person wants, where a loss only goes along with that. */
  readonly beforeLosses?: true;
  /** Whether a guess has a chance of being right: the task's `chance` is meant for it. */
  readonly guessed: boolean;
}

const quarterWords = ['least noise', 'less noise', 'more noise', 'most noise'] as const;

const sameFewPictures =
  'Items are draws of noise on the same few pictures: what is said of them holds for other noise on these pictures, and not for other pictures.';

/** Of the draws in one quarter of the schedule. */
const ofQuarter = <Quarter extends 1 | 2 | 3 | 4>(quarter: Quarter) =>
  ({
    name: `denoising_loss_quarter_${quarter}`,
    label: `denoising loss, ${quarterWords[quarter - 1]!}`,
    short: quarterWords[quarter - 1]!,
    unit: 'loss',
    better: 'lower',
    mean: true,
    guessed: false,
    partOf: 'denoising_loss',
    ofItems: sameFewPictures,
  }) as const satisfies ScoreEntry;

const fewPrompts =
  'Items are pictures of the same few prompts, each from its own noise: what is said of them holds for other noise, and not for other prompts.';

/** Of drawn pictures: a cosine of embeddings. */
const ofPictures = <Name extends string>(name: Name, label: string) =>
  ({
    name,
    label,
    short: label,
    unit: 'number',
    better: 'higher',
    mean: true,
    guessed: false,
    beforeLosses: true,
    ofItems: fewPrompts,
  }) as const satisfies ScoreEntry;

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
  {
    name: 'denoising_loss', // the mean square of what a model that draws says of the noise
    label: 'denoising loss',
    short: 'loss',
    unit: 'loss',
    better: 'lower',
    mean: true,
    guessed: false,
    ofItems: sameFewPictures,
    alone:
      'Only denoising losses were measured. They can fall while what is drawn looks no better: draw with each arm and score the pictures before choosing.',
  },
  ofQuarter(1),
  ofQuarter(2),
  ofQuarter(3),
  ofQuarter(4),
  // The paper's own first (it sees the subject best), then what is like it, then prompts.
  ofPictures('dino', 'DINO'),
  ofPictures('dinov2', 'DINOv2'),
  ofPictures('clip_i', 'CLIP-I'),
  ofPictures('siglip_i', 'SigLIP-I'),
  ofPictures('clip_t', 'CLIP-T'),
  ofPictures('siglip_t', 'SigLIP-T'),
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
