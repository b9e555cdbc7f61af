import { statSync } from 'node:fs';
import { basename, dirname, extname } from 'node:path';
import { attempt } from '../../../attempt.ts';
import { WorkbenchError } from '../../../errors.ts';
import { fileError } from '../../../formats/file-errors.ts';
import { readJsonObject } from '../../../formats/json-text.ts';
import { fileSource } from '../../records/byte-source.ts';
import { hasCaptionFiles, readCaptionFiles } from './caption-files.ts';
import { readClassFolders } from './class-folders.ts';
import { leaveOut } from './leave-out.ts';
import { refuseMissing } from './missing-files.ts';
import { isParquetSet } from './parquet/shards.ts';
import type { PictureSet } from './picture-set.ts';
import { readPictureTable, type TableOptions } from './picture-table.ts';
import { publishedSets } from './published-sets.ts';
import { publishedSetIn, readPublished, refuseWithoutSplit } from './read-published.ts';
import { isSplit, readSplitFile } from './split-file.ts';

export interface OpenedSet {
  readonly set: PictureSet;
  /** Which of the published sets it is, by name; null for one of a person's own. */
  readonly published: string | null;
}

export interface OpenOptions extends TableOptions {
  /** Names of pictures that an import left out: they are passed over, whatever has become of them. */
  readonly leftOut?: readonly string[];
  /** Files that are named and not there: refused, or kept for a survey to find. */
  readonly missing?: 'refuse' | 'keep';
}

/**
 * Opens pictures with what is said of them: a folder (one of the published sets, or a folder for each class), a split in CoOp's form, or a table. Looks
 * at names only; what is in the pictures is for surveyPictures.
 * @throws WorkbenchError naming the file or folder, and the line, entry or class
 */
export const openPictureSet = (path: string, options: OpenOptions = {}): OpenedSet => {
  const { leftOut = [], missing = 'refuse' } = options;
  const { set, published } = open(path, options);
  const left = leaveOut(set, new Set(leftOut));
  if (missing === 'refuse') refuseMissing(left);
  return { set: left, published };
};

const open = (path: string, options: OpenOptions): OpenedSet => {
  if (isDirectory(path)) return openFolder(path);
  const ending = extname(path).toLowerCase();
  if (ending === '.json') {
    const split = openSplit(path, options.folder);
    if (split !== null) return split;
  }
  if (ending === '.parquet' || isParquet(path))
    throw new WorkbenchError(
      'unsupported',
      `${path}: is Parquet, whose pictures are looked at when they are imported`,
    );
  return { set: readPictureTable(path, options), published: null };
};

const isDirectory = (path: string): boolean => {
  try {
    return statSync(path).isDirectory();
  } catch (error) {
    throw fileError(error, 'read', path);
  }
};

const openFolder = (folder: string): OpenedSet => {
  if (isParquetSet(folder))
    throw new WorkbenchError(
      'unsupported',
      `${folder}: is Parquet, whose pictures are looked at when they are imported`,
    );
  const published = publishedSetIn(folder);
  if (published !== null) return { set: readPublished(folder, published), published: published.name };
  refuseWithoutSplit(folder);
  return {
    set: hasCaptionFiles(folder) ? readCaptionFiles(folder) : readClassFolders(folder),
    published: null,
  };
};

/** Null for JSON of another kind. Names are within the folder that belongs to the published split, or the one that the file lies in. */
const openSplit = (path: string, folder: string | undefined): OpenedSet | null => {
  const whole = attempt(() => readJsonObject(path));
  if (whole instanceof WorkbenchError || !isSplit(whole)) return null;
  const published = publishedSets.find(
    ({ layout }) => layout.kind === 'split' && layout.split === basename(path),
  );
  if (published !== undefined && folder === undefined)
    return { set: readPublished(dirname(path), published), published: published.name };
  const keepTwins = published !== undefined;
  return {
    set: readSplitFile(path, folder ?? dirname(path), { keepTwins }),
    published: published?.name ?? null,
  };
};

const isParquet = (path: string): boolean =>
  Buffer.from(fileSource(path).read(0, 4)).toString('latin1') === 'PAR1';
