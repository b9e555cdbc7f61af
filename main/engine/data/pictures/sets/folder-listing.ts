import { readdirSync, statSync, type Dirent } from 'node:fs';
import { extname, join } from 'node:path';
import { invalidInput } from '../../../errors.ts';
import { fileError } from '../../../formats/file-errors.ts';
import { pathIn } from '../../../formats/path-in.ts';
import { listed } from '../../../suggestions.ts';
import { byCodePoints, type PartName } from './picture-set.ts';

/** What people call the folders of the parts. */
const partFolders: Readonly<Record<string, PartName>> = {
  train: 'train',
  training: 'train',
  val: 'validation',
  valid: 'validation',
  validation: 'validation',
  test: 'test',
  testing: 'test',
};

/** Endings of pictures, read or not: others (texts, tables) are left out and counted. What a picture is says its content. */
const pictureEndings = new Set(
  '.jpg .jpeg .jpe .jfif .png .webp .gif .bmp .tif .tiff .avif .heic .heif .jp2 .jxl .ppm .pgm .svg'.split(
    ' ',
  ),
);

/** Folders within a class. A link can lead around in a circle. */
const deepest = 16;

/** The folder of each part; the set itself is to train on where it has no folder "train" with folders in it ("train" may be a class). */
export const partsIn = (folder: string, left: string[]): ReadonlyMap<PartName, string> => {
  const names = foldersIn(folder, '');
  const isPart = (name: string): boolean => Object.hasOwn(partFolders, name.toLowerCase());
  const parts = new Map<PartName, string>();
  for (const name of names.filter(isPart)) {
    const part = partFolders[name.toLowerCase()]!;
    const twin = parts.get(part);
    if (twin !== undefined && foldersIn(folder, name).length > 0)
      throw invalidInput(`${folder}: "${twin}" and "${name}" are both for ${part}: keep one of them`);
    parts.set(part, name);
  }
  const train = parts.get('train');
  if (train === undefined || foldersIn(folder, train).length === 0) return new Map([['train', '']]);
  left.push(...names.filter((name) => !isPart(name)));
  return parts;
};

export const inside = (directory: string, name: string): string =>
  directory === '' ? name : `${directory}/${name}`;

export const leftOutNotices = (left: readonly string[]): string[] =>
  left.length === 0
    ? []
    : [`left out, being neither a picture by its ending nor a folder of a part: ${listed(left, 5)}`];

const isHidden = (name: string): boolean =>
  name.startsWith('.') || name === 'Thumbs.db' || name === 'desktop.ini';

const entriesIn = (root: string, directory: string): Dirent[] => {
  const path = join(root, directory);
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter(({ name }) => !isHidden(name))
      .sort((one, other) => byCodePoints(one.name, other.name));
  } catch (error) {
    throw fileError(error, 'read', path);
  }
};

/** Links are followed within the set. */
const isFolder = (root: string, directory: string, entry: Dirent): boolean => {
  if (!entry.isSymbolicLink()) return entry.isDirectory();
  const path = pathIn(root, inside(directory, entry.name));
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
};

export const foldersIn = (root: string, directory: string): string[] =>
  entriesIn(root, directory)
    .filter((entry) => isFolder(root, directory, entry))
    .map(({ name }) => name);

/**
 * Of a class and the folders in it: names within the set.
 * @param left gets the names of what is no picture
 * @param except folders that are not gone into
 */
export const picturesIn = (
  root: string,
  within: string,
  left: string[],
  except: ReadonlySet<string> = new Set(),
): string[] => {
  const directories: string[] = [];
  const visit = (directory: string, depth: number): void => {
    if (depth > deepest)
      throw invalidInput(`${join(root, directory)}: folders lie more than ${deepest} deep within each other`);
    directories.push(directory);
    for (const name of foldersIn(root, directory)) {
      const within = inside(directory, name);
      if (!except.has(within)) visit(within, depth + 1);
    }
  };
  visit(within, 0);
  return directories.sort(byCodePoints).flatMap((directory) =>
    filesIn(root, directory).filter((name) => {
      if (isPictureName(name)) return true;
      left.push(name);
      return false;
    }),
  );
};

/** Whether there is one, in a folder or the folders in it. */
export const hasPictures = (root: string, within: string, depth = 0): boolean =>
  filesIn(root, within).some(isPictureName) ||
  (depth < deepest &&
    foldersIn(root, within).some((name) => hasPictures(root, inside(within, name), depth + 1)));

/** A file without an ending may be one. */
const isPictureName = (name: string): boolean => {
  const ending = extname(name).toLowerCase();
  return ending === '' || pictureEndings.has(ending);
};

const filesIn = (root: string, directory: string): string[] =>
  entriesIn(root, directory)
    .filter((entry) => !isFolder(root, directory, entry))
    .map(({ name }) => inside(directory, name));
