import type { MetricEntry } from './metric.ts';

const notShown = { curve: null, beside: false } as const;
const kept = { columns: [] } as const;
const alwaysKept = { always: true, columns: [] } as const;

/** Every metric, in the order in which people see them. */
const entries = [
  {
    name: 'run/trained_parameters',
    label: 'trained parameters',
    short: 'trained',
    unit: 'count',
    group: 'size',
    better: null,
    shown: notShown,
    summary: { always: true, columns: ['once'], partOf: 'run/total_parameters' },
  },
  {
    name: 'run/total_parameters',
    label: 'parameters in all',
    short: 'parameters',
    unit: 'count',
    group: 'size',
    better: null,
    shown: notShown,
    summary: alwaysKept,
  },
  {
    name: 'train/loss',
    label: 'loss',
    short: 'train',
    unit: 'loss',
    group: 'loss',
    better: 'lower',
    shown: { curve: 'noisy', beside: true },
    summary: null,
  },
  {
    name: 'validation/loss',
    label: 'held-out loss',
    short: 'held-out',
    unit: 'loss',
    group: 'loss',
    better: 'lower',
    shown: { curve: 'sparse', beside: true },
    summary: { always: true, columns: ['before', 'after', 'change'], title: 'loss' },
  },
  {
    name: 'validation/perplexity',
    label: 'held-out perplexity',
    short: 'perplexity',
    unit: 'number',
    group: 'evaluation',
    better: 'lower',
    shown: { curve: 'sparse', beside: false },
    summary: { columns: ['after'], heading: 'Perplexity', leftOut: ['narrow'] },
    from: { metric: 'validation/loss', by: 'exponential', objectives: ['next-token'] },
  },
  {
    name: 'validation/accuracy',
    label: 'held-out accuracy',
    short: 'accuracy',
    unit: 'share',
    group: 'evaluation',
    better: 'higher',
    shown: { curve: 'sparse', beside: true },
    summary: { columns: ['before', 'after'], heading: 'Accuracy' },
  },
  {
    name: 'validation/picture_to_text_recall_1',
    label: 'captions found first for a picture',
    short: 'text at 1',
    unit: 'share',
    group: 'evaluation',
    better: 'higher',
    shown: { curve: 'sparse', beside: false },
    summary: { columns: ['before', 'after'], heading: 'Text at 1', leftOut: ['narrow'] },
  },
  {
    name: 'validation/picture_to_text_recall_5',
    label: 'captions found among five for a picture',
    short: 'text at 5',
    unit: 'share',
    group: 'evaluation',
    better: 'higher',
    shown: { curve: 'sparse', beside: false },
    summary: { columns: ['before', 'after'], heading: 'Text at 5', leftOut: ['narrow'] },
  },
  {
    name: 'validation/text_to_picture_recall_1',
    label: 'pictures found first for a caption',
    short: 'picture at 1',
    unit: 'share',
    group: 'evaluation',
    better: 'higher',
    shown: { curve: 'sparse', beside: false },
    summary: { columns: ['before', 'after'], heading: 'Picture at 1', leftOut: ['narrow'] },
  },
  {
    name: 'validation/text_to_picture_recall_5',
    label: 'pictures found among five for a caption',
    short: 'picture at 5',
    unit: 'share',
    group: 'evaluation',
    better: 'higher',
    shown: { curve: 'sparse', beside: false },
    summary: { columns: ['before', 'after'], heading: 'Picture at 5', leftOut: ['narrow'] },
  },
  {
    name: 'validation/loss_quarter_1',
    label: 'held-out loss, first quarter of timesteps (least noise)',
    short: 'least noise',
    unit: 'loss',
    group: 'evaluation',
    better: 'lower',
    shown: { curve: 'sparse', beside: false },
    summary: { columns: ['before', 'after'], heading: 'Loss, least noise', leftOut: ['narrow', 'text'] },
  },
  {
    name: 'validation/loss_quarter_2',
    label: 'held-out loss, second quarter of timesteps (little noise)',
    short: 'little noise',
    unit: 'loss',
    group: 'evaluation',
    better: 'lower',
    shown: { curve: 'sparse', beside: false },
    summary: { columns: ['before', 'after'], heading: 'Little noise', leftOut: ['narrow', 'text'] },
  },
  {
    name: 'validation/loss_quarter_3',
    label: 'held-out loss, third quarter of timesteps (much noise)',
    short: 'much noise',
    unit: 'loss',
    group: 'evaluation',
    better: 'lower',
    shown: { curve: 'sparse', beside: false },
    summary: { columns: ['before', 'after'], heading: 'Much noise', leftOut: ['narrow', 'text'] },
  },
  {
    name: 'validation/loss_quarter_4',
    label: 'held-out loss, last quarter of timesteps (most noise)',
    short: 'most noise',
    unit: 'loss',
    group: 'evaluation',
    better: 'lower',
    shown: { curve: 'sparse', beside: false },
    summary: { columns: ['before', 'after'], heading: 'Most noise', leftOut: ['narrow', 'text'] },
  },
  {
    name: 'train/gradient_norm',
    label: 'gradient norm',
    short: 'gradient norm',
    unit: 'number',
    group: 'optimisation',
    better: null,
    shown: { curve: 'noisy', beside: false },
    summary: null,
  },
  {
    name: 'train/learning_rate',
    label: 'learning rate',
    short: 'learning rate',
    unit: 'rate',
    group: 'optimisation',
    better: null,
    shown: { curve: 'exact', beside: false },
    summary: null,
  },
  {
    name: 'train/step_seconds', // of a run: the median over the steps, without the first
    label: 'seconds per step',
    short: 's/step',
    unit: 'seconds',
    group: 'speed',
    better: 'lower',
    shown: { curve: 'noisy', beside: false },
    summary: { always: true, columns: ['once'], heading: 's / step' },
  },
  {
    name: 'train/tokens_per_second', // of a run: all tokens by all seconds, without the first step's
    label: 'tokens per second',
    short: 'tokens/s',
    unit: 'per second',
    group: 'speed',
    better: 'higher',
    shown: { curve: 'noisy', beside: false },
    summary: { columns: ['once'], heading: 'Tokens / s', leftOut: ['narrow', 'text'] },
  },
  {
    name: 'train/pictures_per_second', // the same of a run whose model draws: it counts pictures, those of the class among them
    label: 'pictures per second',
    short: 'pictures/s',
    unit: 'pictures per second',
    group: 'speed',
    better: 'higher',
    shown: { curve: 'noisy', beside: false },
    summary: { columns: ['once'], heading: 'Pictures / s', leftOut: ['narrow', 'text'] },
  },
  {
    name: 'run/initialisation_seconds', // calibration and decomposition, or drawing random factors
    label: 'seconds of initialisation',
    short: 'initialisation s',
    unit: 'seconds',
    group: 'speed',
    better: 'lower',
    shown: notShown,
    summary: { always: true, columns: ['once'], heading: 'Init, s' },
  },
  {
    name: 'run/total_seconds', // from the process start to its end, model loading included
    label: 'seconds in all',
    short: 'total s',
    unit: 'seconds',
    group: 'speed',
    better: 'lower',
    shown: notShown,
    summary: alwaysKept,
  },
  {
    name: 'train/memory_bytes', // resident memory of the trainer process after a step
    label: 'memory',
    short: 'memory',
    unit: 'bytes',
    group: 'size',
    better: 'lower',
    shown: { curve: 'exact', beside: false },
    summary: null,
  },
  {
    name: 'run/peak_memory_bytes', // resident memory of the trainer process, of runs that had it to themselves
    label: 'peak memory',
    short: 'peak memory',
    unit: 'bytes',
    group: 'size',
    better: 'lower',
    shown: notShown,
    summary: { columns: ['once'] },
  },
  {
    name: 'run/shared_peak_memory_bytes', // the same of a process that had other runs beside this one
    label: 'peak memory of all runs of its process',
    short: 'shared peak memory',
    unit: 'bytes',
    group: 'size',
    better: null,
    shown: notShown,
    summary: kept,
  },
  {
    name: 'run/sample_seconds', // of writing samples, which are not among the seconds in all
    label: 'seconds of writing samples',
    short: 'samples s',
    unit: 'seconds',
    group: 'speed',
    better: null,
    shown: notShown,
    summary: kept,
  },
  {
    name: 'run/steps', // fewer than planned where the run stopped early
    label: 'optimizer steps',
    short: 'steps',
    unit: 'count',
    group: 'size',
    better: null,
    shown: notShown,
    summary: kept,
  },
  {
    name: 'run/evaluations', // those after steps
    label: 'evaluations',
    short: 'evaluations',
    unit: 'count',
    group: 'evaluation',
    better: null,
    shown: notShown,
    summary: kept,
  },
  {
    name: 'run/best_step',
    label: 'step of the lowest held-out loss',
    short: 'best step',
    unit: 'count',
    group: 'evaluation',
    better: null,
    shown: notShown,
    summary: kept,
  },
  {
    name: 'run/kept_step', // only of runs that keep the best of their evaluations
    label: 'step whose adapter is kept',
    short: 'kept step',
    unit: 'count',
    group: 'evaluation',
    better: null,
    shown: notShown,
    summary: kept,
  },
] as const satisfies readonly MetricEntry[];

export type MetricEntries = typeof entries;
export type MetricName = MetricEntries[number]['name'];
export type KnownMetric = MetricEntry & { readonly name: MetricName };

/** What evaluations on held-out data measure, without the `validation/` before it. */
type NameBehind<Name, Before extends string> = Name extends `${Before}/${infer Behind}` ? Behind : never;
export type HeldOutMetric = NameBehind<MetricName, 'validation'>;

export const metricRegistry: readonly KnownMetric[] = entries;

/** What runs are compared by: the lowest is the best. */
export const decidingMetric = 'validation/loss' satisfies MetricName;
