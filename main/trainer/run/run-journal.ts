import type { MetricValues } from '../../engine/metrics/summary.ts';
import type { Progress } from '../../engine/train/checkpoint.ts';
import type { EvaluationPoint, EvaluationValues } from '../../engine/train/settings/early-stopping.ts';
import type { RunPlace } from './group/run-place.ts';
import { median, peakMemory } from '../measure/measurements.ts';

/** What a step took. */
export interface StepTaken {
  /** Real ones. */
  readonly tokens: number;
  /** Of a model that draws; null for others. */
  readonly pictures: number | null;
}

/** What a run measures of itself, over all the processes it takes. */
export interface RunJournal {
  /** What the model does on held-out data before the first step; undefined until it is known. */
  before: EvaluationValues | undefined;
  /** The same since then, oldest first. */
  readonly evaluations: EvaluationPoint[];
  readonly initialisationSeconds: number;
  /** Notes a step's seconds and what it took. The first step of each process warms up and is not counted. */
  readonly note: (seconds: number, taken: StepTaken) => void;
  /** Notes the seconds that writing samples took: they count apart, so that runs with and without compare. */
  readonly noteSamples: (seconds: number) => void;
  /** What a checkpoint keeps. */
  readonly progress: () => Omit<Progress, 'stream'>;
  /** What it took, by name. */
  readonly timing: () => Timing;
}

type Timing = Required<
  Pick<MetricValues, 'train/step_seconds' | 'run/initialisation_seconds' | 'run/total_seconds'>
> &
  Pick<MetricValues, 'train/tokens_per_second' | 'train/pictures_per_second'> &
  Pick<MetricValues, 'run/peak_memory_bytes' | 'run/shared_peak_memory_bytes' | 'run/sample_seconds'>;

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** A model that draws tells its pictures, others their tokens. */
export const speedOf = ({ tokens, pictures }: StepTaken, seconds: number) => {
  const each = (count: number): number => (seconds === 0 ? 0 : count / seconds);
  return pictures === null
    ? { 'train/tokens_per_second': each(tokens) }
    : { 'train/pictures_per_second': each(pictures) };
};

const numbersOf = (values: Readonly<Record<string, number | null>>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === null ? [] : [[name, value]])),
  );

/**
 * @param before what the last checkpoint kept, for a run that goes on
 * @param place in this process; its start counts, so that loading does
 */
export const openJournal = (
  before: Progress | undefined,
  initialisationSeconds: number,
  { seconds, isBesideOthers }: Pick<RunPlace, 'seconds' | 'isBesideOthers'>,
): RunJournal => {
  let sampled = 0;
  const totalSeconds = (): number => (before?.totalSeconds ?? 0) + seconds() - sampled;
  const sampleSeconds = (): number => (before?.sampleSeconds ?? 0) + sampled;
  // Once it was beside others, its highest is not known to be its own any more.
  const sharedMemory = isBesideOthers || (before?.sharedMemory ?? false);
  const peakMemoryBytes = (): number => Math.max(before?.peakMemoryBytes ?? 0, peakMemory());
  const stepSeconds = [...(before?.stepSeconds ?? [])];
  const stepTokens = [...(before?.stepTokens ?? [])];
  const initialisation = before?.initialisationSeconds ?? initialisationSeconds;
  const stepPictures = [...(before?.stepPictures ?? [])];
  let draws = stepPictures.length > 0;
  let warm = false;

  /** Pictures are known of the last steps alone where a run began in an older version. */
  const speed = () =>
    draws
      ? speedOf(
          { tokens: 0, pictures: sum(stepPictures) },
          sum(stepSeconds.slice(stepSeconds.length - stepPictures.length)),
        )
      : speedOf({ tokens: sum(stepTokens), pictures: null }, sum(stepSeconds));

  const journal: RunJournal = {
    before: before && {
      accuracy: before.validationAccuracyBefore,
      ...before.metricsBefore,
      loss: before.validationLossBefore,
    },
    evaluations: [...(before?.evaluations ?? [])],
    initialisationSeconds: initialisation,
    note: (seconds, { tokens, pictures }) => {
      draws ||= pictures !== null;
      if (warm) {
        stepSeconds.push(seconds);
        stepTokens.push(tokens);
        if (pictures !== null) stepPictures.push(pictures);
      }
      warm = true;
    },
    noteSamples: (seconds) => void (sampled += seconds),
    progress: () => ({
      validationLossBefore: journal.before?.loss ?? NaN,
      validationAccuracyBefore: journal.before?.['accuracy'] ?? null,
      metricsBefore: numbersOf(journal.before ?? {}),
      evaluations: journal.evaluations,
      initialisationSeconds: initialisation,
      stepSeconds,
      stepTokens,
      stepPictures,
      totalSeconds: totalSeconds(),
      peakMemoryBytes: peakMemoryBytes(),
      sampleSeconds: sampleSeconds(),
      sharedMemory,
    }),
    timing: () => ({
      'train/step_seconds': median(stepSeconds),
      ...speed(),
      'run/initialisation_seconds': initialisation,
      'run/total_seconds': totalSeconds(),
      ...(sampleSeconds() > 0 && { 'run/sample_seconds': sampleSeconds() }),
      [sharedMemory ? 'run/shared_peak_memory_bytes' : 'run/peak_memory_bytes']: peakMemoryBytes(),
    }),
  };
  return journal;
};
