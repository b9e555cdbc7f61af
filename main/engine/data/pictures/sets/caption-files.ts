import { join } from 'node:path';
import { invalidInput } from '../../../errors.ts';
import { listed } from '../../../suggestions.ts';
import {
  captionEndings,
  captionFileOf,
  countBeside,
  orInstancePrompt,
  readBeside,
  type BesideSource,
} from './captions-beside.ts';
import { leftOutNotices, partsIn, picturesIn } from './folder-listing.ts';
import type { CaptionedPicture, CaptionedSet, PartName } from './picture-set.ts';

/**
 * Which files a folder has its captions in.
 * @throws WorkbenchError where there are two kinds, and it is not said which
 */
export const captionsIn = (folder: string): { source: BesideSource; found: number; of: number } | null => {
  const others: string[] = [];
  const pictures = picturesIn(folder, partsIn(folder, []).get('train')!, others);
  const { txt, caption } = countBeside(pictures, new Set(others));
  if (txt === 0 && caption === 0) return null;
  refuseBoth(folder, { txt, caption });
  return { source: txt > 0 ? 'txt' : 'caption', found: txt + caption, of: pictures.length };
};

/** @throws WorkbenchError where pictures have captions of two kinds beside them */
export const refuseBoth = (folder: string, { txt, caption }: Record<BesideSource, number>): void => {
  if (txt > 0 && caption > 0)
    throw invalidInput(
      `${folder}: has captions in files that end in .txt (${txt}) and in .caption (${caption}): say which are meant, captions txt or caption`,
    );
};

/**
 * Pictures with their caption beside them, in a file of the same name that ends in .txt or .caption, as trainers of diffusion models have it; in
 * folders of parts, and in folders within those, or not. Of several lines the first one that is not empty counts, as in those trainers.
 * @throws WorkbenchError naming the pictures without a caption
 */
export const readCaptionFiles = (folder: string, source: BesideSource): CaptionedSet => {
  const left: string[] = [];
  const partOf = partsIn(folder, left);
  const missing: string[] = [];
  const captioned = (part: PartName): CaptionedPicture[] | null => {
    const within = partOf.get(part);
    if (within === undefined) return null;
    const others: string[] = [];
    const pictures = picturesIn(folder, within, others);
    const texts = new Set(others);
    const read = pictures.map((name) => {
      const file = captionFileOf(name, source);
      if (texts.delete(file)) return { name, place: name, caption: captionIn(folder, file) };
      missing.push(name);
      return { name, place: name, caption: '' };
    });
    left.push(...texts);
    return read;
  };
  const parts = {
    train: captioned('train')!,
    validation: captioned('validation'),
    test: captioned('test'),
  };
  refuseMissingCaptions(folder, source, missing);
  return { kind: 'captions', captions: source, folder, source: folder, parts, notices: leftOutNotices(left) };
};

/** @throws WorkbenchError naming pictures without a caption, where there are any */
export const refuseMissingCaptions = (
  folder: string,
  source: BesideSource,
  missing: readonly string[],
): void => {
  if (missing.length === 0) return;
  const [has, it] = missing.length === 1 ? ['picture has', 'it'] : ['pictures have', 'each'];
  throw invalidInput(
    `${folder}: ${missing.length} ${has} no caption beside ${missing.length === 1 ? 'it' : 'them'}: ${listed(missing, 10)}; write ${it} one into a file of its name that ends in ${captionEndings[source]}, ${orInstancePrompt}`,
  );
};

const captionIn = (folder: string, file: string): string => {
  const { text } = readBeside(folder, file);
  if (text !== null) return text;
  throw invalidInput(
    `${join(folder, file)}: is empty; write the caption of the picture beside it, ${orInstancePrompt}`,
  );
};
