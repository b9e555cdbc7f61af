import { extname } from 'node:path';
import { decodeUtf8 } from '../../../formats/json-text.ts';
import { pathIn } from '../../../formats/path-in.ts';
import { readRegularFile } from '../../../formats/regular-file.ts';

/** Endings of files with the caption of the picture beside them. */
export const captionEndings = { txt: '.txt', caption: '.caption' } as const;
export type BesideSource = keyof typeof captionEndings;

/** Of a caption: a tower takes some hundred characters. */
const mostBytes = 2 ** 16;

export const captionFileOf = (picture: string, source: BesideSource): string =>
  `${picture.slice(0, picture.length - extname(picture).length)}${captionEndings[source]}`;

/** Which of the endings stand beside pictures, and beside how many. @param others files that are no pictures */
export const countBeside = (
  pictures: readonly string[],
  others: ReadonlySet<string>,
): Record<BesideSource, number> => {
  const beside = (source: BesideSource): number =>
    pictures.filter((name) => others.has(captionFileOf(name, source))).length;
  return { txt: beside('txt'), caption: beside('caption') };
};

export interface BesideCaption {
  /** Of several lines the first that is not empty; null where there is none. */
  readonly text: string | null;
  readonly lines: number;
}

/** @throws WorkbenchError naming a file that is no UTF-8, or too long for a caption */
export const readBeside = (folder: string, file: string): BesideCaption => {
  const path = pathIn(folder, file);
  const lines = decodeUtf8(readRegularFile(path, mostBytes), path)
    .split(/\r?\n/)
    .map((one) => one.trim())
    .filter((one) => one !== '');
  return { text: lines[0] ?? null, lines: lines.length };
};
