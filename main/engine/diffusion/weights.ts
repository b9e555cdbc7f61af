import type { Prediction } from './schedule.ts';

/** a / (1 - a): how much more of the latents than of the noise there is at a timestep, in variances. */
export const signalToNoise = (alphas: Float32Array, timestep: number): number => {
  const alpha = alphas[timestep]!;
  return alpha / (1 - alpha);
};

/**
 * What a timestep's loss counts (Min-SNR, arXiv 2303.09556): min(snr, gamma) / snr for epsilon, min(snr, gamma) / (snr + 1) for v.
 * Gamma is usually 5.
 */
export const minSnrWeight = (snr: number, gamma: number, prediction: Prediction): number =>
  Math.min(snr, gamma) / (prediction === 'epsilon' ? snr : snr + 1);
