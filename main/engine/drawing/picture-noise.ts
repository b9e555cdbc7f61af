import { gaussianNoise } from '../diffusion/gaussian.ts';

/**
 * The noise of a picture, by its seed: of stream 0 what it is drawn from, of stream 1 + step what a sampler adds at a step. Number i
 * depends on those three alone, so a seed gives the same noise for every arm, sampler, prompt and number of pictures. Latents are laid
 * out as (channels x rows x columns): other sizes take the same numbers in another arrangement.
 */
export const pictureNoise = (seed: number, length: number) =>
  ({
    start: () => gaussianNoise(length, { seed, stream: 0 }),
    added: (step: number) => gaussianNoise(length, { seed, stream: step + 1 }),
  }) as const;
