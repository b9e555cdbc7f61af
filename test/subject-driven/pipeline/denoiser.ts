import { cumulativeAlphas } from '../../../main/engine/diffusion/alphas.ts';
import { gaussianNoise } from '../../../main/engine/diffusion/gaussian.ts';
import { noisyLatents } from '../../../main/engine/diffusion/targets.ts';
import { createRandom, type Random } from '../../../main/engine/random.ts';
import type { Tensor } from '../../../main/engine/tensor.ts';
import { textConfig, textLength } from './configuration.ts';
import { architecture, contextOn, diffusion, latentShape, lengthOf, meanOfAll, shareOf } from './network.ts';
import type { Build } from './train-network.ts';

const alphas = cumulativeAlphas(diffusion.schedule);
/** Of texts that are left out, so that the network knows pictures without one: guidance goes away from those. */
const droppedTexts = 0.1;

/** The mean square of what is taken for the noise less the noise (Ho et al., arXiv 2006.11239). */
export const denoiserLoss: Build = (g, weight) => {
  const predicted = architecture.forward(contextOn(g, weight)).hidden;
  const off = g.subtract(predicted, g.input('noise', 'float32', predicted.shape));
  return { loss: meanOfAll(g, g.multiply(off, off), 'share') };
};

/** A text's tokens, padded to their full number by its end. */
export const paddedIds = (ids: readonly number[]): number[] => {
  if (ids.length > textLength) throw new Error(`${ids.length} tokens are more than ${textLength}`);
  return [...ids, ...Array<number>(textLength - ids.length).fill(textConfig.pad_token_id)];
};

/** A picture as its latent, scaled to a deviation of 1, with what may be said of it as padded tokens. */
export interface Encoded {
  readonly mean: Float32Array;
  readonly deviation: Float32Array;
  readonly tokens: (random: Random) => readonly number[];
}

/** What a step sees: a draw of pictures, each with its noise, timestep and text. */
export const denoiserFeeds = (
  encoded: readonly Encoded[],
  noText: readonly number[],
  { images, seed, step }: { readonly images: number; readonly seed: number; readonly step: number },
): Record<string, Tensor> => {
  const random = createRandom(seed, step);
  const each = lengthOf(latentShape);
  const noiseOf = (which: 0 | 1): Float32Array =>
    gaussianNoise(images * each, { seed, stream: 2 * step + which });
  const [noise, posterior] = [noiseOf(0), noiseOf(1)];
  const drawn = Array.from({ length: images }, () => encoded[random.integer(encoded.length)]!);
  const latents = posterior.map((value, at) => {
    const { mean, deviation } = drawn[Math.floor(at / each)]!;
    return mean[at % each]! + deviation[at % each]! * value;
  });
  // One in each part of the schedule: a step sees all of it alike.
  const timesteps = drawn.map((_, at) =>
    Math.floor(((at + random.uniform()) / images) * diffusion.timesteps),
  );
  const texts = drawn.map(({ tokens }) => (random.uniform() < droppedTexts ? noText : tokens(random)));
  const times = diffusion.times(timesteps);
  return {
    latents: {
      shape: [images, ...latentShape],
      data: noisyLatents({ alphas, latents, noise, timesteps }),
    },
    share: shareOf(images * each),
    noise: { shape: [images, each], data: noise },
    times: { shape: [images, times.length / images], data: times },
    input_ids: { shape: [images, textLength], data: BigInt64Array.from(texts.flat(), BigInt) },
  };
};
