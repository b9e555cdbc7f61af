import { isObject } from '../json-value.ts';
import type { Model } from './model.ts';

/** Sides of pictures that a model draws, in pixels. */
export interface DrawnSides {
  /** Of the squares that it was trained on. */
  readonly usual: number;
  /** Every side is a multiple of it: the model halves a latent so often. */
  readonly multipleOf: number;
}

/** Latents of a picture that nobody says a size for, a side: of the U-Net's file, or as the model's kind was published. */
const usualLatentSide = ({ architecture, folder }: Pick<Model, 'architecture' | 'folder'>): number => {
  const unet = folder.config['unet'];
  const side = isObject(unet) ? unet['sample_size'] : undefined;
  if (typeof side === 'number' && Number.isInteger(side) && side > 0) return side;
  return architecture.name === 'stable-diffusion-xl' ? 128 : 64;
};

/** @returns null for a model that draws none */
export const drawnSidesOf = (model: Pick<Model, 'architecture' | 'folder'>): DrawnSides | null => {
  const { diffusion } = model.architecture;
  if (!diffusion) return null;
  const { pixels, granularity } = diffusion.latent;
  return { usual: usualLatentSide(model) * pixels, multipleOf: pixels * granularity };
};
