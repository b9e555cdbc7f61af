import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { createRandom } from '../../main/engine/random.ts';

/** A folder of PNGs of a subject: squares of one colour on noise, each of its own size. */
export const writeSubjectPictures = async (
  folder: string,
  sizes: readonly (readonly [width: number, height: number])[],
  seed = 1,
): Promise<string> => {
  mkdirSync(folder, { recursive: true });
  const random = createRandom(seed);
  for (const [at, [width, height]] of sizes.entries()) {
    const pixels = Uint8Array.from({ length: width * height * 3 }, (_, value) => {
      const [row, column] = [Math.floor(value / 3 / width), Math.floor(value / 3) % width];
      const isInside = Math.abs(row - height / 2) < height / 4 && Math.abs(column - width / 2) < width / 4;
      return isInside ? [220, 60, 40][value % 3]! : random.integer(80);
    });
    await sharp(pixels, { raw: { width, height, channels: 3 } })
      .png()
      .toFile(join(folder, `${at}.png`));
  }
  return folder;
};
