import { gaussianNoise, withNoiseOffset } from '../../../engine/diffusion/gaussian.ts';
import { createRandom, type Random } from '../../../engine/random.ts';
import type { DiffusionSettings } from '../../../engine/train/settings/diffusion-settings.ts';
import type { Seeing } from './order.ts';

/** What is left to chance when a picture is seen. Each has numbers of its own, so that no setting changes what another one draws. */
const purposes = ['timestep', 'noise', 'posterior', 'offset', 'dropout', 'tags'] as const;
type Purpose = (typeof purposes)[number];

/** What chance decides of one seeing: the same whenever it is asked, whatever batch it is in. */
export interface Chances {
  /** Of the model's schedule, uniform over those that are trained. */
  readonly timestep: () => number;
  /** What is added to a latent (channels x area). */
  readonly noise: (channels: number, area: number) => Float32Array;
  /** By which the latent differs from its mean, in deviations. */
  readonly posterior: (length: number) => Float32Array;
  readonly dropsCaption: () => boolean;
  readonly tags: () => Random;
}

interface ChanceOptions {
  /** The run's, for this purpose. */
  readonly seed: number;
  /** How many an epoch sees. */
  readonly occurrences: number;
  /** Of the model's schedule. */
  readonly timesteps: number;
  readonly settings: Pick<DiffusionSettings, 'timesteps' | 'noiseOffset' | 'captionDropout'>;
}

/** The timesteps that are trained: from the first to the one before the last. */
export const trainedTimesteps = (
  { timesteps }: Pick<DiffusionSettings, 'timesteps'>,
  ofSchedule: number,
): { readonly from: number; readonly to: number } => timesteps ?? { from: 0, to: ofSchedule };

export const chancesOf = (
  { epoch, place }: Pick<Seeing<unknown>, 'epoch' | 'place'>,
  { seed, occurrences, timesteps, settings }: ChanceOptions,
): Chances => {
  const seeing = epoch * occurrences + place;
  const streamOf = (purpose: Purpose): number => seeing * purposes.length + purposes.indexOf(purpose);
  const random = (purpose: Purpose): Random => createRandom(seed, streamOf(purpose));
  const normal = (purpose: Purpose, length: number): Float32Array =>
    gaussianNoise(length, { seed, stream: streamOf(purpose) });
  const { from, to } = trainedTimesteps(settings, timesteps);
  return {
    timestep: () => from + random('timestep').integer(to - from),
    noise: (channels, area) => {
      const noise = normal('noise', channels * area);
      if (settings.noiseOffset === 0) return noise;
      return withNoiseOffset(noise, normal('offset', channels), settings.noiseOffset);
    },
    posterior: (length) => normal('posterior', length),
    dropsCaption: () => random('dropout').uniform() < settings.captionDropout,
    tags: () => random('tags'),
  };
};
