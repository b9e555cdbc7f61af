import { cumulativeAlphas } from '../alphas.ts';
import { layOut } from '../spacing.ts';
import type { SamplerDefinition } from './sampler.ts';

/** Denoising diffusion implicit models (arXiv 2010.02502, formula 12) with eta 0: no noise is added again. */
export const ddim: SamplerDefinition = {
  label: 'DDIM',
  spacing: 'leading',
  karras: false,
  addsNoise: false,
  create: (schedule, { steps, spacing }) => {
    const { trainTimesteps, prediction, clipSample, finalAlphaOne } = schedule;
    const alphas = cumulativeAlphas(schedule);
    const finalAlpha = finalAlphaOne ? 1 : alphas[0]!;
    const timesteps = layOut({
      spacing,
      trainTimesteps,
      steps,
      offset: schedule.stepsOffset,
      places: steps,
      whole: true,
    });
    // The same for every step, whatever the spacing: as diffusers has it.
    const stride = Math.floor(trainTimesteps / steps);
    const clip = (value: number): number =>
      clipSample === null ? value : Math.min(clipSample, Math.max(-clipSample, value));
    return {
      timesteps,
      initialScale: 1,
      inputScale: () => 1,
      advance: (latents, predicted, step) => {
        const timestep = timesteps[step]!;
        const alpha = alphas[timestep]!;
        const next = timestep >= stride ? alphas[timestep - stride]! : finalAlpha;
        const [signal, noise] = [Math.sqrt(alpha), Math.sqrt(1 - alpha)];
        const [nextSignal, nextNoise] = [Math.sqrt(next), Math.sqrt(1 - next)];
        return latents.map((x, at) => {
          const output = predicted[at]!;
          const clean =
            prediction === 'epsilon' ? (x - noise * output) / signal : signal * x - noise * output;
          const epsilon = prediction === 'epsilon' ? output : signal * output + noise * x;
          return nextSignal * clip(clean) + nextNoise * epsilon;
        });
      },
    };
  },
};
