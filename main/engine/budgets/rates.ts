import { invalidInput } from '../errors.ts';

/** Operations a second that this machine reaches, by what is computed. Training and decompositions differ widely. */
export interface Rates {
  readonly step: number;
  /** Of calibration and decompositions; the steps' where nobody has measured them. */
  readonly initialisation: number | null;
}

/** What runs that are done took, each with the operations that were counted for it. */
export interface MeasuredRun {
  readonly stepFlops: number;
  /** Of a step, the median: `train/step_seconds`. */
  readonly stepSeconds: number;
  readonly initialisationFlops: number;
  /** `run/initialisation_seconds` */
  readonly initialisationSeconds: number;
}

const rateOf = (pairs: readonly { readonly flops: number; readonly seconds: number }[]): number | null => {
  const counted = pairs.filter(({ flops, seconds }) => flops > 0 && seconds > 0);
  const sum = (of: (pair: (typeof counted)[number]) => number): number =>
    counted.reduce((total, pair) => total + of(pair), 0);
  return counted.length === 0 ? null : sum(({ flops }) => flops) / sum(({ seconds }) => seconds);
};

/**
 * Rates from runs of the same machine, device and base format: operations of all by seconds of all, so that long runs count more. The start
 * of an adapter that is drawn costs no operations and says nothing.
 * @throws invalid-input where no run has a step with a time
 */
export const ratesOf = (runs: readonly MeasuredRun[]): Rates => {
  const step = rateOf(runs.map(({ stepFlops, stepSeconds }) => ({ flops: stepFlops, seconds: stepSeconds })));
  if (step === null)
    throw invalidInput(
      'seconds: no run on this machine has measured what a step takes; run one, or name a rate',
    );
  const initialisation = rateOf(
    runs.map(({ initialisationFlops, initialisationSeconds }) => ({
      flops: initialisationFlops,
      seconds: initialisationSeconds,
    })),
  );
  return { step, initialisation };
};

export const secondsOfStart = (flops: number, { step, initialisation }: Rates): number =>
  flops / (initialisation ?? step);
