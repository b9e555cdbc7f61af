import type { Picture } from '../data/pictures/picture.ts';
import { roundToEven } from '../diffusion/spacing.ts';

/** What a decoder gives (3 x height x width, -1 to 1) as 8 bits of red, green and blue, rounded as diffusers does. */
export const pixelsToPicture = (pixels: Float32Array, width: number, height: number): Picture => {
  const area = width * height;
  const rgb = new Uint8Array(3 * area);
  for (let channel = 0; channel < 3; channel++)
    for (let at = 0; at < area; at++) {
      const share = Math.fround(Math.fround(pixels[channel * area + at]! * 0.5) + 0.5);
      rgb[3 * at + channel] = roundToEven(Math.fround(Math.min(1, Math.max(0, share)) * 255));
    }
  return { width, height, rgb };
};
