import type { ScheduleSettings } from '../schedule.ts';
import { layOut, roundToEven } from '../spacing.ts';
import type { SamplerDefinition, SamplerOptions } from './sampler.ts';
import { karrasSigmas, sigmaAt, timestepOf, trainedSigmas, withFinalSigma } from './sigmas.ts';

const layOutSigmas = (
  schedule: ScheduleSettings,
  { steps, spacing, karras }: SamplerOptions,
): { readonly timesteps: number[]; readonly sigmas: Float32Array } => {
  const { trainTimesteps, stepsOffset: offset } = schedule;
  const trained = trainedSigmas(schedule);
  if (karras) {
    const sigmas = karrasSigmas(trained.at(-1)!, trained[0]!, steps);
    return {
      timesteps: sigmas.map((sigma) => roundToEven(timestepOf(trained, sigma))),
      sigmas: withFinalSigma(sigmas, trained, schedule),
    };
  }
  const timesteps = layOut({ spacing, trainTimesteps, steps, offset, places: steps + 1, whole: true });
  const even = timesteps.map((timestep) => sigmaAt(trained, timestep));
  return { timesteps, sigmas: withFinalSigma(even, trained, schedule) };
};

/** Of a sigma: what latents and noise are multiplied by so that their variances sum to one, and the logarithm of their ratio. */
const partsAt = (
  sigma: number,
): { readonly signal: number; readonly noise: number; readonly lambda: number } => {
  const signal = 1 / Math.sqrt(sigma ** 2 + 1);
  return { signal, noise: sigma * signal, lambda: -Math.log(sigma) };
};

/** In fewer steps than this the last one is of first order, too. */
const stableSteps = 15;

/**
 * DPM-Solver++(2M) (arXiv 2211.01095, algorithm 2): of second order by the step before, at its midpoint. The first step is of first
 * order, and the last one where steps are few or it goes to no noise at all, as in diffusers.
 */
export const dpmSolver: SamplerDefinition = {
  label: 'DPM-Solver++ 2M',
  spacing: 'linspace',
  karras: true,
  addsNoise: false,
  create: (schedule, options) => {
    const { timesteps, sigmas } = layOutSigmas(schedule, options);
    const { steps } = options;
    const lastIsFirstOrder = steps < stableSteps || schedule.finalSigma === 'zero';
    let before: Float32Array | null = null;
    return {
      timesteps,
      initialScale: 1,
      inputScale: () => 1,
      advance: (latents, predicted, step) => {
        const here = partsAt(sigmas[step]!);
        const next = partsAt(sigmas[step + 1]!);
        const clean = latents.map((x, at) =>
          schedule.prediction === 'epsilon'
            ? (x - here.noise * predicted[at]!) / here.signal
            : here.signal * x - here.noise * predicted[at]!,
        );
        const h = next.lambda - here.lambda;
        const ofClean = -next.signal * Math.expm1(-h);
        const ofLatents = next.noise / here.noise;
        const last = before;
        before = clean;
        if (last === null || (step === steps - 1 && lastIsFirstOrder))
          return latents.map((x, at) => ofLatents * x + ofClean * clean[at]!);
        const ratio = (here.lambda - partsAt(sigmas[step - 1]!).lambda) / h;
        return latents.map((x, at) => {
          const slope = (clean[at]! - last[at]!) / ratio;
          return ofLatents * x + ofClean * (clean[at]! + 0.5 * slope);
        });
      },
    };
  },
};
