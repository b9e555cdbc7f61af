import { cumulativeAlphas } from '../alphas.ts';
import type { ScheduleSettings } from '../schedule.ts';

/** Noise over signal, sqrt((1 - a) / a), at each timestep of training: it grows. A last one without signal gets the little that diffusers gives it. */
export const trainedSigmas = (schedule: ScheduleSettings): Float32Array => {
  const alphas = cumulativeAlphas(schedule);
  if (schedule.zeroTerminalSnr) alphas[alphas.length - 1] = 2 ** -24;
  return alphas.map((alpha) => Math.sqrt(Math.fround(Math.fround(1 - alpha) / alpha)));
};

/** The sigma at a timestep, between two of training where it isn't whole. */
export const sigmaAt = (sigmas: Float32Array, timestep: number): number => {
  const below = Math.min(Math.floor(timestep), sigmas.length - 1);
  const above = Math.min(below + 1, sigmas.length - 1);
  return sigmas[below]! + (timestep - below) * (sigmas[above]! - sigmas[below]!);
};

/** Steps from the largest to the smallest sigma, even in their seventh roots (Karras et al., arXiv 2206.00364). */
export const karrasSigmas = (largest: number, smallest: number, steps: number): number[] => {
  const rho = 7;
  const [first, last] = [largest ** (1 / rho), smallest ** (1 / rho)];
  return Array.from(
    { length: steps },
    (_, step) => (first + (steps === 1 ? 0 : step / (steps - 1)) * (last - first)) ** rho,
  );
};

/** The timestep of a sigma: between two of training, even in the logarithm. */
export const timestepOf = (sigmas: Float32Array, sigma: number): number => {
  const logarithm = Math.log(sigma);
  let below = 0;
  while (below < sigmas.length - 2 && Math.log(sigmas[below + 1]!) <= logarithm) below++;
  const [low, high] = [Math.log(sigmas[below]!), Math.log(sigmas[below + 1]!)];
  return below + Math.min(1, Math.max(0, (logarithm - low) / (high - low)));
};

/** Sigmas of the steps and what the last one goes to. */
export const withFinalSigma = (
  stepSigmas: readonly number[],
  sigmas: Float32Array,
  { finalSigma }: ScheduleSettings,
): Float32Array => Float32Array.from([...stepSigmas, finalSigma === 'zero' ? 0 : sigmas[0]!]);
