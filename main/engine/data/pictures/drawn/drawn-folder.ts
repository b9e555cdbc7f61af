import { existsSync } from 'node:fs';
import { extname, join } from 'node:path';
import { z } from 'zod';
import { invalidInput } from '../../../errors.ts';
import { decodeUtf8, parseJson } from '../../../formats/json-text.ts';
import { pathIn } from '../../../formats/path-in.ts';
import { readRegularFile } from '../../../formats/regular-file.ts';
import { checked } from '../../../problems.ts';
import { picturesIn } from '../sets/folder-listing.ts';
import { checkedName, type PictureEntry } from '../sets/picture-set.ts';

/** A picture that a model drew. */
export interface DrawnPicture extends PictureEntry {
  /** What was drawn; null where nothing says. */
  readonly prompt: string | null;
  /** Of the noise that it was drawn from; null where nothing says. */
  readonly seed: number | null;
}

export interface DrawnFolder {
  readonly folder: string;
  readonly pictures: readonly DrawnPicture[];
}

/** What `nora draw` writes beside the pictures of an arm: a line of JSON for each. */
export const drawnListing = 'drawn.jsonl';

const lineSchema = z.looseObject({
  file: z.string().min(1),
  prompt: z.string().min(1),
  seed: z.int().min(0),
});

/** Of a listing, and of a prompt beside a picture. */
const mostListingBytes = 64 * 2 ** 20;
const mostPromptBytes = 2 ** 16;

const readListing = (folder: string): DrawnPicture[] => {
  const path = join(folder, drawnListing);
  const lines = decodeUtf8(readRegularFile(pathIn(folder, drawnListing), mostListingBytes), path).split(
    /\r?\n/,
  );
  return lines.flatMap((line, at) => {
    if (line.trim() === '') return [];
    const place = `${path}: line ${at + 1}`;
    const { file, prompt, seed } = checked(lineSchema, parseJson(line, place), place);
    return [{ name: checkedName(file, place), place, prompt, seed }];
  });
};

/** Pictures with their prompts beside them, in files of the same names that end in .txt, or with none. */
const readFiles = (folder: string): DrawnPicture[] => {
  const others: string[] = [];
  const names = picturesIn(folder, '', others);
  const texts = new Set(others);
  return names.map((name) => {
    const file = `${name.slice(0, name.length - extname(name).length)}.txt`;
    return {
      name,
      place: join(folder, name),
      prompt: texts.has(file) ? promptIn(folder, file) : null,
      seed: null,
    };
  });
};

const promptIn = (folder: string, file: string): string => {
  const path = pathIn(folder, file);
  const text = decodeUtf8(readRegularFile(path, mostPromptBytes), path).trim();
  if (text !== '') return text;
  throw invalidInput(`${path}: is empty; it should be what the picture beside it was drawn of`);
};

/** By what the same picture of another arm is known: its prompt and its noise, or where nothing says those, its name. */
export const drawnKey = ({ name, prompt, seed }: DrawnPicture): string =>
  seed === null ? name : JSON.stringify([prompt, seed]);

/**
 * Pictures that one arm drew, as `drawn.jsonl` in their folder lists them; without it all that are in the folder.
 * @throws WorkbenchError naming the file and line; invalid-input for a folder without pictures, and for two of one prompt and seed
 */
export const readDrawn = (folder: string): DrawnFolder => {
  const pictures = existsSync(join(folder, drawnListing)) ? readListing(folder) : readFiles(folder);
  if (pictures.length === 0) throw invalidInput(`${folder}: has no pictures`);
  const known = new Map<string, DrawnPicture>();
  for (const picture of pictures) {
    const key = drawnKey(picture);
    const other = known.get(key);
    if (other !== undefined)
      throw invalidInput(
        `${picture.place}: is of the same prompt and seed as ${other.place}, so that nothing tells which of them belongs to another arm's; leave out one`,
      );
    known.set(key, picture);
  }
  return { folder, pictures };
};

/** The pictures of a folder, whatever is beside them. @throws invalid-input where it has none */
export const readPictures = (folder: string): PictureEntry[] => {
  const names = picturesIn(folder, '', []);
  if (names.length > 0) return names.map((name) => ({ name, place: join(folder, name) }));
  throw invalidInput(`${folder}: has no pictures`);
};
