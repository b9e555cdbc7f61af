import type { Prediction } from './schedule.ts';

/** Images of one size in a row, each with its timestep; a is cumulativeAlphas at that. */
export interface Noised {
  readonly alphas: Float32Array;
  /** images x size */
  readonly latents: Float32Array;
  /** images x size */
  readonly noise: Float32Array;
  /** images; whole numbers */
  readonly timesteps: readonly number[];
}

/** latents x the first + noise x the second, where both are told by an image's cumulative alpha; factors and sums in float32. */
const mixed = (
  { alphas, latents, noise, timesteps }: Noised,
  factors: (signal: number, noise: number) => readonly [number, number],
): Float32Array => {
  const size = latents.length / timesteps.length;
  const mix = new Float32Array(latents.length);
  timesteps.forEach((timestep, image) => {
    const alpha = alphas[timestep]!;
    const [ofLatents, ofNoise] = factors(
      Math.fround(Math.sqrt(alpha)),
      Math.fround(Math.sqrt(Math.fround(1 - alpha))),
    );
    for (let at = image * size; at < (image + 1) * size; at++)
      mix[at] = Math.fround(ofLatents * latents[at]!) + Math.fround(ofNoise * noise[at]!);
  });
  return mix;
};

/** What the denoiser sees: sqrt(a) latents + sqrt(1 - a) noise (images x size). */
export const noisyLatents = (noised: Noised): Float32Array =>
  mixed(noised, (signal, noise) => [signal, noise]);

/** What the denoiser is to give (images x size): the noise, or v = sqrt(a) noise - sqrt(1 - a) latents (arXiv 2202.00512). */
export const denoisingTarget = (prediction: Prediction, noised: Noised): Float32Array =>
  prediction === 'epsilon' ? noised.noise : mixed(noised, (signal, noise) => [-noise, signal]);
