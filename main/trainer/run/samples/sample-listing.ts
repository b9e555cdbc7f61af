import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { drawnListing } from '../../../engine/data/pictures/drawn/drawn-folder.ts';
import { decodeUtf8, parseJson } from '../../../engine/formats/json-text.ts';
import { sha256OfFileSync } from '../../../engine/formats/file-hash.ts';
import { readRegularFile } from '../../../engine/formats/regular-file.ts';

const lineSchema = z.strictObject({
  file: z.string(),
  prompt: z.string(),
  seed: z.int(),
  sha256: z.string(),
});

/** A picture in its folder: a line of `drawn.jsonl`, which measuring and comparing pictures read. */
export type ListedSample = z.output<typeof lineSchema>;

const mostBytes = 2 ** 24;

export const sampleLines = (samples: readonly ListedSample[]): string =>
  samples.map((sample) => `${JSON.stringify(sample)}\n`).join('');

/** What a folder lists; undefined where it lists nothing that was written here. Its pictures are not looked at. */
export const listedSamples = (folder: string): readonly ListedSample[] | undefined => {
  const path = join(folder, drawnListing);
  if (!existsSync(path)) return undefined;
  try {
    return decodeUtf8(readRegularFile(path, mostBytes), path)
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => lineSchema.parse(parseJson(line, path)));
  } catch {
    return undefined;
  }
};

/** The same, where its pictures are all there as they were written, too. */
export const readSamples = (folder: string): readonly ListedSample[] | undefined => {
  const lines = listedSamples(folder);
  try {
    const areWhole = lines?.every(({ file, sha256 }) => sha256OfFileSync(join(folder, file)) === sha256);
    return areWhole === true ? lines : undefined;
  } catch {
    return undefined;
  }
};
