import { createRandom, type Random } from '../../../random.ts';
import type { Picture, Region } from '../picture.ts';
import { roundToEven } from '../round-to-even.ts';
import { seeRegion } from './see-picture.ts';
import type { PictureView } from './picture-view.ts';

/** How training varies what is seen of a picture. */
export interface Variation {
  /** The part of the picture's area that is seen, at least and at most. */
  readonly area: readonly [least: number, most: number];
  /** Its width over its height, before it is resized. */
  readonly aspect: readonly [least: number, most: number];
  /** How often left and right are exchanged. */
  readonly mirrored: number;
}

/** Of CLIP-LoRA, and of the few-shot code that it follows. */
export const clipLoraVariation: Variation = { area: [0.08, 1], aspect: [3 / 4, 4 / 3], mirrored: 0.5 };

/** As open_clip trains on captions: most of the picture, never mirrored, since a caption may say what is on the left. */
export const captionVariation: Variation = { area: [0.9, 1], aspect: [3 / 4, 4 / 3], mirrored: 0 };

/**
 * Draws a part of a picture as torchvision's RandomResizedCrop does, from our own generator: area evenly, aspect evenly in its logarithm, ten times at
 * most, then the largest part in the middle whose aspect may be.
 */
export const drawRegion = (
  { width, height }: Pick<Picture, 'width' | 'height'>,
  { area, aspect }: Variation,
  random: Random,
): Region => {
  const between = (least: number, most: number): number => least + random.uniform() * (most - least);
  for (let attempt = 0; attempt < 10; attempt++) {
    const wanted = width * height * between(...area);
    const ratio = Math.exp(between(Math.log(aspect[0]), Math.log(aspect[1])));
    const across = roundToEven(Math.sqrt(wanted * ratio));
    const down = roundToEven(Math.sqrt(wanted / ratio));
    if (across < 1 || across > width || down < 1 || down > height) continue;
    const top = random.integer(height - down + 1);
    return { left: random.integer(width - across + 1), top, width: across, height: down };
  }
  const ratio = width / height;
  const across = ratio > aspect[1] ? Math.max(1, roundToEven(height * aspect[1])) : width;
  const down = ratio < aspect[0] ? Math.max(1, roundToEven(width / aspect[0])) : height;
  return {
    left: Math.floor((width - across) / 2),
    top: Math.floor((height - down) / 2),
    width: across,
    height: down,
  };
};

/**
 * The picture as it is seen in one epoch. What is drawn depends on the seed, the epoch and the picture's place in the data alone, so it is the
 * same in whatever order pictures are decoded, and after a run was resumed.
 */
export const seeVaried = (
  picture: Picture,
  view: PictureView,
  variation: Variation,
  place: { readonly seed: number; readonly epoch: number; readonly index: number },
): Picture => {
  // Streams below 2^32 are the orders of epochs.
  const random = createRandom(place.seed, (place.epoch + 1) * 2 ** 32 + place.index);
  const region = drawRegion(picture, variation, random);
  return seeRegion(picture, view, region, random.uniform() < variation.mirrored);
};
