import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { createRandom } from '../../main/engine/random.ts';

export const colours = { red: [200, 40, 40], green: [40, 180, 60], blue: [50, 60, 200] } as const;
export const colourNames = Object.keys(colours) as (keyof typeof colours)[];

export interface PictureCounts {
  readonly train: number;
  readonly test: number | null;
}

/** A folder of PNGs that show a noisy colour each, in folders named by it; with parts where some are to test on. No two are alike. */
export const writeColourPictures = async (
  folder: string,
  { train, test }: PictureCounts = { train: 8, test: 4 },
): Promise<string> => {
  const random = createRandom(1);
  for (const [name, colour] of Object.entries(colours))
    for (const [part, count] of test === null
      ? ([['', train]] as const)
      : ([
          ['train', train],
          ['test', test],
        ] as const)) {
      mkdirSync(join(folder, part, name), { recursive: true });
      for (let at = 0; at < count; at++) {
        const [width, height] = [20 + (at % 3), 18 + (at % 5)];
        const pixels = Uint8Array.from({ length: width * height * 3 }, (_, value) =>
          Math.max(0, Math.min(255, colour[value % 3]! + random.integer(60) - 30)),
        );
        await sharp(pixels, { raw: { width, height, channels: 3 } })
          .png()
          .toFile(join(folder, part, name, `${String(at).padStart(2, '0')}.png`));
      }
    }
  return folder;
};
