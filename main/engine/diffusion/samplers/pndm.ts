import { WorkbenchError } from '../../errors.ts';
import { cumulativeAlphas } from '../alphas.ts';
import { layOut } from '../spacing.ts';
import type { SamplerDefinition } from './sampler.ts';

/** Of the slopes at the last steps, the newest first: what is taken for the slope of the next one (Adams-Bashforth). */
const orders: readonly (readonly number[])[] = [
  [1],
  [3 / 2, -1 / 2],
  [23 / 12, -16 / 12, 5 / 12],
  [55 / 24, -59 / 24, 37 / 24, -9 / 24],
];

/**
 * Pseudo linear multi-step (PLMS), as diffusers' PNDMScheduler has it with skip_prk_steps, which Stable Diffusion 1.5 was published with: steps of
 * fourth order along arXiv 2202.09778, formula 9. The first step is taken twice, the second time by the mean of the slopes at both of its ends,
 * so the denoiser is asked once more than there are steps.
 */
export const pndm: SamplerDefinition = {
  label: 'PLMS',
  spacing: 'leading',
  karras: false,
  addsNoise: false,
  create: (schedule, { steps, spacing }) => {
    const { trainTimesteps, prediction, finalAlphaOne } = schedule;
    const alphas = cumulativeAlphas(schedule);
    const finalAlpha = finalAlphaOne ? 1 : alphas[0]!;
    const spaced = layOut({
      ...{ spacing, trainTimesteps, steps, offset: schedule.stepsOffset, places: steps, whole: true },
    });
    if (alphas[spaced[0]!] === 0)
      throw new WorkbenchError(
        'unsupported',
        'sampler: PLMS can’t begin where there is noise alone, as this model’s scheduler does (rescale_betas_zero_snr); take ddim, euler or dpm-solver++',
      );
    const stride = Math.floor(trainTimesteps / steps);
    const timesteps = spaced.flatMap((timestep, step) => (step === 1 ? [timestep, timestep] : [timestep]));

    /** Formula 9: from a timestep to another, along a slope. */
    const along = (latents: Float32Array, slope: Float32Array, from: number, to: number): Float32Array => {
      const alpha = alphas[from]!;
      const next = to >= 0 ? alphas[to]! : finalAlpha;
      const ofLatents = Math.sqrt(next / alpha);
      const ofSlope = (next - alpha) / (alpha * Math.sqrt(1 - next) + Math.sqrt(alpha * (1 - alpha) * next));
      const [signal, noise] = [Math.sqrt(alpha), Math.sqrt(1 - alpha)];
      return latents.map((x, at) => {
        const output = slope[at]!;
        return ofLatents * x - ofSlope * (prediction === 'epsilon' ? output : signal * output + noise * x);
      });
    };

    let slopes: readonly Float32Array[] = [];
    let begun: Float32Array | null = null;
    return {
      timesteps,
      initialScale: 1,
      inputScale: () => 1,
      advance: (latents, predicted, step) => {
        const timestep = timesteps[step]!;
        if (step === 1) {
          const [first] = slopes;
          const mean = predicted.map((value, at) => (value + first![at]!) / 2);
          return along(begun!, mean, timestep + stride, timestep);
        }
        if (step === 0) begun = latents;
        slopes = [predicted, ...slopes].slice(0, orders.length);
        const weights = orders[slopes.length - 1]!;
        const slope = predicted.map((_, at) =>
          weights.reduce((sum, weight, back) => sum + weight * slopes[back]![at]!, 0),
        );
        return along(latents, slope, timestep, timestep - stride);
      },
    };
  },
};
