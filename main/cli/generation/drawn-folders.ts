import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { invalidInput } from '../../engine/errors.ts';
import { writeFileWhole } from '../../engine/formats/atomic-file.ts';
import { assertWritablePlace } from '../../engine/formats/writable-place.ts';
import { makeFolder } from '../../engine/formats/make-folder.ts';

/** A picture that an arm has drawn. */
export interface DrawnPicture {
  readonly prompt: string;
  readonly seed: number;
  readonly png: Buffer;
}

/** @throws invalid-input where there is something in it already, or nothing can be written to it: drawing takes long */
export const assertEmptyFolder = (folder: string): void => {
  assertWritablePlace(folder);
  if (!existsSync(folder) || readdirSync(folder).length === 0) return;
  throw invalidInput(`--out: ${folder} is not empty: name a folder that is, or a new one`);
};

/** A name as a folder may have it on every system. */
const folderName = (name: string): string => {
  const plain = name.replaceAll(/[\p{Cc}<>:"/\\|?*]+/gu, '-').replace(/^[. ]+|[. ]+$/g, '');
  return plain === '' ? 'arm' : plain;
};

/** Names of folders for arms, each of its own. Systems that take no notice of capitals have to tell them apart, too. */
export const folderNames = (arms: readonly string[]): string[] => {
  const taken = new Set<string>();
  return arms.map((arm) => {
    const plain = folderName(arm);
    let name = plain;
    for (let at = 2; taken.has(name.toLowerCase()); at++) name = `${plain}-${at}`;
    taken.add(name.toLowerCase());
    return name;
  });
};

/** Pictures with `drawn.jsonl` beside them, which says what each was drawn of: a form that measuring and comparing pictures read. */
export const writeDrawnFolder = (folder: string, pictures: readonly DrawnPicture[]): string[] => {
  makeFolder(folder);
  const files = pictures.map((_, at) => `${String(at + 1).padStart(4, '0')}.png`);
  pictures.forEach(({ png }, at) => writeFileWhole(join(folder, files[at]!), png));
  const lines = pictures.map(({ prompt, seed }, at) => JSON.stringify({ file: files[at], prompt, seed }));
  writeFileWhole(join(folder, 'drawn.jsonl'), `${lines.join('\n')}\n`);
  return files.map((file) => join(folder, file));
};
