import { gaussianNoise } from '../../../main/engine/diffusion/gaussian.ts';
import { mirrored, type Picture } from '../../../main/engine/data/pictures/picture.ts';
import type { GraphBuilder } from '../../../main/engine/graph/builder.ts';
import type { Value } from '../../../main/engine/graph/graph.ts';
import { createRandom } from '../../../main/engine/random.ts';
import type { Tensor } from '../../../main/engine/tensor.ts';
import { latentChannels } from './configuration.ts';
import { writeSigned } from './drawings.ts';
import {
  contextOn,
  diffusion,
  latentShape,
  lengthOf,
  meanOfAll,
  pixelShape,
  shareOf,
  type Weights,
} from './network.ts';
import type { Build } from './train-network.ts';

/** Of the divergence from normal numbers, beside the mean difference of pixels. */
const divergenceWeight = 5e-4;

/** Pixels to mean and log variance of their latents. */
const moments = (g: GraphBuilder, weight: Weights, pixels: Value): [mean: Value, logVariance: Value] => {
  const both = diffusion.vae.encode(contextOn(g, weight), pixels);
  return [g.slice(both, 1, 0, latentChannels), g.slice(both, 1, latentChannels, 2 * latentChannels)];
};

const givenPixels = (g: GraphBuilder): Value => g.input('pixels', 'float32', ['images', ...pixelShape]);

const deviationOf = (g: GraphBuilder, logVariance: Value): Value =>
  g.exponential(g.multiply(logVariance, 0.5));

/** What encoder and decoder leave of pixels, with noise in between: the loss, and what it is made of. */
export const autoencoderLoss: Build = (g, weight) => {
  const pixels = givenPixels(g);
  const [mean, logVariance] = moments(g, weight, pixels);
  const noise = g.input('noise', 'float32', ['images', ...latentShape]);
  const latents = g.add(mean, g.multiply(deviationOf(g, logVariance), noise));
  const seen = diffusion.vae.decode(contextOn(g, weight), latents);
  const difference = meanOfAll(g, g.absolute(g.subtract(seen, pixels)), 'share_of_pixels');
  // From normal numbers (Kingma and Welling, arXiv 1312.6114, appendix B).
  const squares = g.add(g.multiply(mean, mean), g.exponential(logVariance));
  const divergence = meanOfAll(
    g,
    g.multiply(g.subtract(g.subtract(squares, logVariance), 1), 0.5),
    'share_of_latents',
  );
  return { loss: g.add(difference, g.multiply(divergence, divergenceWeight)), difference, divergence };
};

/** Pixels to mean and deviation of their latents. */
export const encoder: Build = (g, weight) => {
  const [mean, logVariance] = moments(g, weight, givenPixels(g));
  return { mean, deviation: deviationOf(g, logVariance) };
};

/** Latents, not scaled, to pixels. */
export const decoder: Build = (g, weight) => {
  const latents = g.input('latents', 'float32', ['images', ...latentShape]);
  return { pixels: diffusion.vae.decode(contextOn(g, weight), latents) };
};

/** As the encoder takes them. */
export const pixelsOf = (pictures: readonly Picture[]): Tensor => {
  const each = lengthOf(pixelShape);
  const data = new Float32Array(pictures.length * each);
  pictures.forEach((picture, at) => writeSigned(picture, data.subarray(at * each, (at + 1) * each)));
  return { shape: [pictures.length, ...pixelShape], data };
};

/** What a step sees: pictures in an order drawn anew each time that all were seen, every other one mirrored. */
export const autoencoderFeeds = (
  pictures: readonly Picture[],
  { images, seed, step }: { readonly images: number; readonly seed: number; readonly step: number },
): Record<string, Tensor> => {
  const stepsOfEpoch = Math.floor(pictures.length / images);
  const order = createRandom(seed, Math.floor(step / stepsOfEpoch)).shuffle([...pictures.keys()]);
  const from = (step % stepsOfEpoch) * images;
  // Streams below 2^32 are the orders.
  const random = createRandom(seed, 2 ** 32 + step);
  const seen = order.slice(from, from + images).map((index) => pictures[index]!);
  const shape = [images, ...latentShape];
  return {
    pixels: pixelsOf(seen.map((picture) => (random.integer(2) === 0 ? picture : mirrored(picture)))),
    share_of_pixels: shareOf(images * lengthOf(pixelShape)),
    share_of_latents: shareOf(images * lengthOf(latentShape)),
    noise: { shape, data: gaussianNoise(lengthOf(shape), { seed, stream: step }) },
  };
};
