import { extname } from 'node:path';
import { invalidInput } from '../../../errors.ts';
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

/** What a refusal of a caption that is missing goes on with. */
export const orInstancePrompt =
  "or have a run's instance prompt stand for it (--missing-captions instance-prompt)";

/** @param place where it is written, for errors @throws WorkbenchError for one that is no text, as UTF-16 that was read as UTF-8 is none */
export const checkedCaption = (text: string, place: string): string => {
  if (!text.includes('\0')) return text;
  throw invalidInput(
    `${place}: holds the character NUL, which is in no caption: is it text in UTF-16? Save it as UTF-8`,
  );
};

/** @throws WorkbenchError naming a file that is no UTF-8, no text, or too long for a caption */
export const readBeside = (folder: string, file: string): BesideCaption => {
  const path = pathIn(folder, file);
  const lines = checkedCaption(decodeUtf8(readRegularFile(path, mostBytes), path), path)
    .split(/\r\n|[\r\n]/)
    .map((one) => one.trim())
    .filter((one) => one !== '');
  return { text: lines[0] ?? null, lines: lines.length };
};
