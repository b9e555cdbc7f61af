import type { SubjectSet } from '../../../engine/data/pictures/sets/picture-set.ts';
import { cumulativeAlphas } from '../../../engine/diffusion/alphas.ts';
import { diffusionOf } from '../../../engine/models/diffusion-model.ts';
import type { Model } from '../../../engine/models/model.ts';
import type { DeviceName } from '../../../engine/runtime/device-names.ts';
import type { DiffusionSettings } from '../../../engine/train/settings/diffusion-settings.ts';
import type { RunSpecification } from '../../protocol/protocol.ts';
import type { DrawnOfClass } from './class-pictures.ts';
import type { DiffusionMakers, SizedPicture } from './diffusion-data.ts';
import { encoderHashes } from './encoder-hashes.ts';
import { framedPictures } from './framed-pictures.ts';
import { createFrozenParts, type FrozenParts } from './frozen-parts.ts';
import { openLatentFiles } from './latent-files.ts';
import { openLatents, type Latents } from './latents.ts';

/** Sides of what is seen are multiples of this. */
export const pixelsOfStep = ({ architecture }: Pick<Model, 'architecture'>): number => {
  const { pixels, granularity } = diffusionOf(architecture).latent;
  return pixels * granularity;
};

/** How a model's batches are made. */
export const noisyModelOf = ({ architecture }: Pick<Model, 'architecture'>): DiffusionMakers['model'] => {
  const diffusion = diffusionOf(architecture);
  return {
    ...diffusion,
    channels: diffusion.latent.channels,
    scaling: diffusion.vae.scalingFactor,
    prediction: diffusion.schedule.prediction,
    alphas: cumulativeAlphas(diffusion.schedule),
  };
};

interface EncoderOptions extends Pick<RunSpecification, 'cacheDirectory'> {
  readonly modelFiles?: RunSpecification['modelFiles'] | undefined;
  readonly settings: DiffusionSettings;
  /** Of the pictures, those that are in no file. */
  readonly drawn?: readonly DrawnOfClass[] | undefined;
  readonly threads: number | null;
  readonly device: DeviceName;
}

/** What makes latents of pictures and states of texts. */
export interface Encoders {
  readonly latents: Latents;
  readonly frozen: FrozenParts;
  /** Of the largest latent. */
  readonly places: number;
}

/** @param whole the model with its VAE and text encoders @param pictures all that are asked for */
export const openEncoders = (
  whole: Model,
  set: SubjectSet,
  pictures: readonly SizedPicture[],
  { settings, threads, device, modelFiles, cacheDirectory, drawn = [] }: EncoderOptions,
): Encoders => {
  const { pixels } = diffusionOf(whole.architecture).latent;
  const places = pictures.reduce(
    (most, { width, height }) => Math.max(most, (width * height) / pixels ** 2),
    0,
  );
  const frozen = createFrozenParts(whole, { threads, device }, places);
  const vaeFiles = encoderHashes(modelFiles);
  const latents = openLatents({
    ...framedPictures(set, settings, drawn),
    encode: frozen.encodeView,
    files: cacheDirectory === null || vaeFiles === null ? null : openLatentFiles(cacheDirectory),
    dependsOn: [vaeFiles, set.decoding, settings.filter, settings.buckets === null],
  });
  return { latents, frozen, places };
};
