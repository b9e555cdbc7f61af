import { product } from '../../../graph/dimension.ts';
import type { Value } from '../../../graph/graph.ts';
import type { DiffusionModel, ForwardContext, ForwardResult } from '../../architecture.ts';
import { pixelShape } from '../pixel-rows.ts';

/** (images x channels x height x width) as what a head gets: a row for each image. */
export const asRows = ({ g }: Pick<ForwardContext, 'g'>, x: Value): ForwardResult => {
  const [images, ...sides] = pixelShape(x);
  return {
    hidden: g.reshape(x, [images, product(sides)]),
    head: { frozen: true, logits: (rows) => rows },
  };
};

/** Pixels in [-1, 1] (images x 3 x pixels * rows x pixels * columns) to the moments of their latents (rows x columns each). */
export const encoderOf =
  (diffusion: DiffusionModel) =>
  (context: ForwardContext): Value => {
    const sides = ['rows', 'columns'].map((name) => product([diffusion.latent.pixels, name]));
    const pixels = context.g.input('pixels', 'float32', ['images', 3, ...sides]);
    return diffusion.vae.encode(context, pixels);
  };

/** Latents that are not scaled (images x channels x rows x columns) to pixels. */
export const decoderOf =
  (diffusion: DiffusionModel) =>
  (context: ForwardContext): Value => {
    const { channels } = diffusion.latent;
    const latents = context.g.input('latents', 'float32', ['images', channels, 'rows', 'columns']);
    return diffusion.vae.decode(context, latents);
  };
