import { denoisingTarget, noisyLatents } from '../../../engine/diffusion/targets.ts';
import type { Prediction } from '../../../engine/diffusion/schedule.ts';
import { minSnrWeight, signalToNoise } from '../../../engine/diffusion/weights.ts';
import type { ConditionRow, NoisyPicture } from '../../../engine/objectives/diffusion/noisy-batch.ts';
import type { EncodedView } from './latent-files.ts';

/** How a model's latents are made noisy. */
export interface NoisyModel {
  readonly channels: number;
  /** By which latents are multiplied before noise is added: 0.18215. */
  readonly scaling: number;
  readonly prediction: Prediction;
  /** Cumulative, by timestep. */
  readonly alphas: Float32Array;
}

export interface Noising {
  readonly timestep: number;
  /** (channels x height x width) */
  readonly noise: Float32Array;
  /** In deviations from the mean; null takes the mean itself. */
  readonly posterior: Float32Array | null;
  /** Null: all timesteps count alike. */
  readonly minSnrGamma: number | null;
  /** 1, or that of the class. */
  readonly weight: number;
  readonly counts: boolean;
}

/** mean + exp(log variance / 2) posterior, times the scaling, in float32 as torch has it. */
const latentOf = (
  { moments }: EncodedView,
  { scaling }: NoisyModel,
  posterior: Float32Array | null,
): Float32Array => {
  const size = moments.length / 2;
  const { fround } = Math;
  const factor = fround(scaling);
  return Float32Array.from({ length: size }, (_, at) => {
    const mean = moments[at]!;
    if (posterior === null) return mean * factor;
    const deviation = fround(Math.exp(fround(0.5 * moments[size + at]!)));
    return fround(mean + fround(deviation * posterior[at]!)) * factor;
  });
};

/** A view as a denoiser is trained on it. */
export const noisyPicture = (
  view: EncodedView,
  conditions: Readonly<Record<string, ConditionRow>>,
  model: NoisyModel,
  { timestep, noise, posterior, minSnrGamma, weight, counts }: Noising,
): NoisyPicture => {
  const { alphas, prediction } = model;
  const noised = { alphas, latents: latentOf(view, model, posterior), noise, timesteps: [timestep] };
  const ofNoise =
    minSnrGamma === null ? 1 : minSnrWeight(signalToNoise(alphas, timestep), minSnrGamma, prediction);
  return {
    latent: noisyLatents(noised),
    target: denoisingTarget(prediction, noised),
    height: view.height,
    width: view.width,
    timestep,
    conditions,
    weight: weight * ofNoise,
    counts,
  };
};
