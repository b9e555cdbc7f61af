import { extname, join } from 'node:path';
import { invalidInput } from '../../../errors.ts';
import { decodeUtf8 } from '../../../formats/json-text.ts';
import { pathIn } from '../../../formats/path-in.ts';
import { readRegularFile } from '../../../formats/regular-file.ts';
import { leftOutNotices, partsIn, picturesIn } from './folder-listing.ts';
import type { CaptionedPicture, CaptionedSet, PartName } from './picture-set.ts';

/** Of a caption: a tower takes some hundred characters. */
const mostBytes = 2 ** 16;

const captionFileOf = (picture: string): string =>
  `${picture.slice(0, picture.length - extname(picture).length)}.txt`;

/** Whether a folder is one of pictures with a text file beside each: its first picture to train on has one. */
export const hasCaptionFiles = (folder: string): boolean => {
  const others: string[] = [];
  const [first] = picturesIn(folder, partsIn(folder, []).get('train')!, others);
  return first !== undefined && others.includes(captionFileOf(first));
};

/**
 * Pictures with their caption beside them, in a file of the same name that ends in .txt, as trainers of diffusion models have it; in folders of parts, and
 * in folders within those, or not. Of several lines the first one that is not empty counts, as in those trainers.
 * @throws WorkbenchError naming a picture without a caption
 */
export const readCaptionFiles = (folder: string): CaptionedSet => {
  const left: string[] = [];
  const partOf = partsIn(folder, left);
  const captioned = (part: PartName): CaptionedPicture[] | null => {
    const within = partOf.get(part);
    if (within === undefined) return null;
    const others: string[] = [];
    const pictures = picturesIn(folder, within, others);
    const texts = new Set(others);
    const read = pictures.map((name) => {
      const file = captionFileOf(name);
      if (!texts.delete(file))
        throw invalidInput(
          `${join(folder, name)}: has no caption beside it: write one into ${join(folder, file)}`,
        );
      return { name, place: name, caption: captionIn(folder, file) };
    });
    left.push(...texts);
    return read;
  };
  const parts = {
    train: captioned('train')!,
    validation: captioned('validation'),
    test: captioned('test'),
  };
  return { kind: 'captions', folder, source: folder, parts, notices: leftOutNotices(left) };
};

const captionIn = (folder: string, file: string): string => {
  const path = pathIn(folder, file);
  const line = decodeUtf8(readRegularFile(path, mostBytes), path)
    .split(/\r?\n/)
    .map((one) => one.trim())
    .find((one) => one !== '');
  if (line !== undefined) return line;
  throw invalidInput(`${path}: is empty; it should be the caption of the picture beside it`);
};
