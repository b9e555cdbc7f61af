import type { Prediction, ScheduleSettings } from '../schedule.ts';
import { layOut } from '../spacing.ts';
import type { Sampler, SamplerDefinition, SamplerOptions } from './sampler.ts';
import { karrasSigmas, sigmaAt, timestepOf, trainedSigmas, withFinalSigma } from './sigmas.ts';

/** The timesteps, and the sigmas that the steps go through: one more. */
const layOutSigmas = (
  schedule: ScheduleSettings,
  { steps, spacing, karras }: SamplerOptions,
): { readonly timesteps: number[]; readonly sigmas: Float32Array } => {
  const { trainTimesteps, stepsOffset: offset } = schedule;
  const trained = trainedSigmas(schedule);
  const spaced = layOut({ spacing, trainTimesteps, steps, offset, places: steps, whole: false });
  const even = spaced.map((timestep) => sigmaAt(trained, timestep));
  if (!karras) return { timesteps: spaced, sigmas: withFinalSigma(even, trained, schedule) };
  const sigmas = karrasSigmas(even[0]!, even.at(-1)!, steps);
  return {
    timesteps: sigmas.map((sigma) => Math.fround(timestepOf(trained, sigma))),
    sigmas: withFinalSigma(sigmas, trained, schedule),
  };
};

/** Latents here are the picture's plus sigma times noise, sqrt(sigma^2 + 1) times what the model was trained on. */
const denoised = (prediction: Prediction, sigma: number, x: number, output: number): number =>
  prediction === 'epsilon'
    ? x - sigma * output
    : x / (sigma ** 2 + 1) - (output * sigma) / Math.sqrt(sigma ** 2 + 1);

/** `next`: of a step's sigma and the following one, which sigma the step goes to and how much noise is added then. */
const alongSigmas = (
  schedule: ScheduleSettings,
  options: SamplerOptions,
  next: (from: number, to: number) => { readonly down: number; readonly added: number },
): Sampler => {
  const { timesteps, sigmas } = layOutSigmas(schedule, options);
  const largest = Math.max(...sigmas);
  return {
    timesteps,
    initialScale: options.spacing === 'leading' ? Math.sqrt(largest ** 2 + 1) : largest,
    inputScale: (step) => Math.sqrt(sigmas[step]! ** 2 + 1),
    advance: (latents, predicted, step) => {
      const sigma = sigmas[step]!;
      const { down, added } = next(sigma, sigmas[step + 1]!);
      const noise = added === 0 ? null : options.noiseAt(step);
      return latents.map((x, at) => {
        const slope = (x - denoised(schedule.prediction, sigma, x, predicted[at]!)) / sigma;
        return x + slope * (down - sigma) + (noise === null ? 0 : noise[at]! * added);
      });
    },
  };
};

/** Euler's method along sigma (arXiv 2206.00364, algorithm 2 without churn). */
export const euler: SamplerDefinition = {
  label: 'Euler',
  spacing: 'linspace',
  karras: true,
  addsNoise: false,
  create: (schedule, options) => alongSigmas(schedule, options, (_, to) => ({ down: to, added: 0 })),
};

/** Euler's method that goes below each sigma and adds noise up to it again. */
export const eulerAncestral: SamplerDefinition = {
  label: 'Euler ancestral',
  spacing: 'linspace',
  karras: false,
  addsNoise: true,
  create: (schedule, options) =>
    // It always ends without noise.
    alongSigmas({ ...schedule, finalSigma: 'zero' }, options, (from, to) => {
      const variance = (to ** 2 * (from ** 2 - to ** 2)) / from ** 2;
      return { down: Math.sqrt(to ** 2 - variance), added: Math.sqrt(variance) };
    }),
};
