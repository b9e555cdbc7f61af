import { invalidInput } from '../../../engine/errors.ts';
import { knownSteps } from '../../../engine/train/settings/run-length.ts';
import type { TrainingSettings } from '../../../engine/train/settings/training-settings.ts';
import type { TrainingOverrides } from '../../../engine/train/settings/training-overrides.ts';
import type { Sweep } from './sweep-schema.ts';

/** One round of a search: how long its trials train, and how many of an arm's trials take part. */
export interface SweepRound {
  readonly round: number;
  /** Of the whole length. */
  readonly share: number;
  /** Of each arm; a round keeps the better ones of the round before. */
  readonly trials: number;
}

/**
 * The rounds of a search over so many trials: one of whole length, or where it halves (successive halving: Jamieson and Talwalkar, AISTATS
 * 2016), short ones first. Each keeps one in so many and trains them so many times as long, from the start: a schedule that ends at
 * the round's last step is another one than the beginning of a longer one, so nothing is gone on from.
 */
export const sweepRounds = ({ search, halving }: Sweep, trials: number): SweepRound[] => {
  if (search !== 'halving') return [{ round: 0, share: 1, trials }];
  const { rounds, keepOneIn } = halving;
  let left = trials;
  return Array.from({ length: rounds }, (_, round) => {
    const one = { round, share: keepOneIn ** (round + 1 - rounds), trials: left };
    left = Math.max(1, Math.ceil(left / keepOneIn));
    return one;
  });
};

/** A trial of a round that is over; a loss of null is that of a run that failed. */
export interface TrialLoss {
  readonly trial: number;
  readonly loss: number | null;
}

const isFinite = ({ loss }: TrialLoss): boolean => loss !== null && Number.isFinite(loss);

/** Numbers of the trials that go on to the next round: those of the lowest loss, the first of equals; none that failed. */
export const survivors = (results: readonly TrialLoss[], count: number): number[] =>
  results
    .filter(isFinite)
    .toSorted((a, b) => a.loss! - b.loss! || a.trial - b.trial)
    .slice(0, count)
    .map(({ trial }) => trial)
    .toSorted((a, b) => a - b);

const shareOf = (count: number, share: number): number => Math.max(1, Math.round(count * share));

/**
 * What takes the place of training settings in a round of a share of their length: the length, and what is counted in its steps.
 * @throws invalid-input for a length in epochs, of which there are no parts
 */
export const shortened = (training: TrainingSettings, share: number): TrainingOverrides => {
  if (share === 1) return {};
  const { maxTokens, warmupSteps, evaluateEvery } = training;
  const steps = knownSteps(training) ?? undefined;
  if (steps === undefined && maxTokens === undefined)
    throw invalidInput(
      'tuning.sweep: a search that goes by rounds needs a length in steps or tokens, not in epochs',
    );
  return {
    ...(steps === undefined ? { maxTokens: shareOf(maxTokens!, share) } : { steps: shareOf(steps, share) }),
    ...(warmupSteps > 0 && { warmupSteps: shareOf(warmupSteps, share) }),
    ...(evaluateEvery > 0 && { evaluateEvery: shareOf(evaluateEvery, share) }),
  };
};
