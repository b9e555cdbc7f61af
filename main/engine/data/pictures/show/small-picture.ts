import type { Picture } from '../picture.ts';
import { loadDecoder } from '../decode/load-decoder.ts';
import { resample } from '../resample/resample.ts';

/** A picture as a window shows it: made anew of pixels, so that nothing of the file that a person gave comes along. */
export interface SmallPicture {
  readonly type: 'image/webp';
  /** The file, in base64. */
  readonly data: string;
  readonly width: number;
  readonly height: number;
}

/** Of WebP, of 100: nothing that an eye sees at the size of a thumbnail is lost. */
const usualQuality = 88;

/** Whole, and no side longer than `edge` pixels; what is smaller stays as it is. */
export const smallPicture = async (
  picture: Picture,
  edge: number,
  quality: number | 'lossless' = usualQuality,
): Promise<SmallPicture> => {
  const { width, height, rgb } = fitted(picture, edge);
  const sharp = await loadDecoder();
  const file = await sharp(rgb, { raw: { width, height, channels: 3 } })
    .webp(quality === 'lossless' ? { lossless: true } : { quality, smartSubsample: true })
    .toBuffer();
  return { type: 'image/webp', data: file.toString('base64'), width, height };
};

const fitted = (picture: Picture, edge: number): Picture => {
  const shrink = Math.min(1, edge / Math.max(picture.width, picture.height));
  const sideOf = (side: number): number => Math.max(1, Math.round(side * shrink));
  return resample(picture, {
    width: sideOf(picture.width),
    height: sideOf(picture.height),
    filter: 'bicubic',
  });
};
