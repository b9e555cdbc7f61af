import { statSync } from 'node:fs';
import { basename, dirname, extname } from 'node:path';
import { attempt } from '../../../attempt.ts';
import { invalidInput, WorkbenchError } from '../../../errors.ts';
import { fileError } from '../../../formats/file-errors.ts';
import { readJsonObject } from '../../../formats/json-text.ts';
import { fileSource } from '../../records/byte-source.ts';
import type { SubjectChoices } from '../subject-format.ts';
import { captionsIn, readCaptionFiles } from './caption-files.ts';
import { readClassFolders } from './class-folders.ts';
import { leaveOut } from './leave-out.ts';
import { refuseMissing } from './missing-files.ts';
import { isParquetSet } from './parquet/shards.ts';
import type { PictureSet } from './picture-set.ts';
import { readPictureTable, type TableOptions } from './picture-table.ts';
import { publishedSets } from './published-sets.ts';
import { publishedSetIn, readPublished, refuseWithoutSplit } from './read-published.ts';
import { readSubject } from './read-subject.ts';
import { captionTableIn, kindOfFolder } from './recognise-folder.ts';
import { isSplit, readSplitFile } from './split-file.ts';
import { subjectOf } from './subject-set.ts';

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
  /** What the pictures are; found out when absent. */
  readonly as?: PictureSet['kind'];
  /** How pictures of a subject are read. They make a set one of a subject. */
  readonly subject?: SubjectChoices;
}

/**
 * Opens pictures with what is said of them: a folder (one of the published sets, a folder for each class, captions beside pictures, or pictures of a
 * subject), a split in CoOp's form, or a table. Looks at names and captions only; what is in the pictures is for surveyPictures.
 * @throws WorkbenchError naming the file or folder, and the line, entry or class
 */
export const openPictureSet = (path: string, options: OpenOptions = {}): OpenedSet => {
  const { leftOut = [], missing = 'refuse' } = options;
  const { set, published } = openAs(path, options);
  const left = leaveOut(set, new Set(leftOut));
  if (missing === 'refuse') refuseMissing(left);
  return { set: left, published };
};

const openAs = (path: string, options: OpenOptions): OpenedSet => {
  const as = askedKind(options);
  const { set, published } = open(path, as === undefined ? options : { ...options, as });
  return { set: asKind(set, as, options.subject), published };
};

/** Choices for pictures of a subject say that they are such. @throws WorkbenchError where something else is said beside them */
export const askedKind = ({ as, subject }: OpenOptions): PictureSet['kind'] | undefined => {
  const chosen = Object.entries(subject ?? {}).filter(([, choice]) => choice !== undefined);
  if (chosen.length === 0) return as;
  if (as === undefined || as === 'subject') return 'subject';
  throw invalidInput(
    `${chosen[0]![0]}: is a choice for pictures of a subject, and these are to be read as pictures ${as === 'classes' ? 'of classes' : 'with captions'}`,
  );
};

/** @throws WorkbenchError for a set that is not what it is said to be */
export const asKind = (
  set: PictureSet,
  as: PictureSet['kind'] | undefined,
  choices: SubjectChoices | undefined,
): PictureSet => {
  if (as === undefined || as === set.kind) return set;
  if (as === 'subject') return subjectOf(set, choices);
  throw invalidInput(
    `${set.source}: has no ${as === 'classes' ? 'classes, but captions' : 'captions'}: leave out what its pictures are`,
  );
};

const open = (path: string, options: OpenOptions): OpenedSet => {
  if (isDirectory(path)) return openFolder(path, options);
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
  return openTable(path, options);
};

const openTable = (path: string, options: OpenOptions): OpenedSet => {
  const missingCaptions = options.subject?.missingCaptions === 'instance-prompt' ? 'keep' : 'refuse';
  return { set: readPictureTable(path, { ...options, missingCaptions }), published: null };
};

const isDirectory = (path: string): boolean => {
  try {
    return statSync(path).isDirectory();
  } catch (error) {
    throw fileError(error, 'read', path);
  }
};

const openFolder = (folder: string, options: OpenOptions): OpenedSet => {
  if (isParquetSet(folder))
    throw new WorkbenchError(
      'unsupported',
      `${folder}: is Parquet, whose pictures are looked at when they are imported`,
    );
  const { as, subject = {} } = options;
  const published = as === undefined || as === 'classes' ? publishedSetIn(folder) : null;
  if (published !== null) return { set: readPublished(folder, published), published: published.name };
  const table = as === 'classes' || subject.captions !== undefined ? null : captionTableIn(folder);
  if (table !== null) return openTable(table, options);
  if (as === undefined || as === 'classes') refuseWithoutSplit(folder);
  return { set: readFolder(folder, as ?? kindOfFolder(folder), subject), published: null };
};

/** @throws WorkbenchError naming the folder, where it is none of the kind */
const readFolder = (folder: string, kind: PictureSet['kind'], choices: SubjectChoices): PictureSet => {
  if (kind === 'subject') return readSubject(folder, choices);
  if (kind === 'classes') return readClassFolders(folder);
  const captions = captionsIn(folder);
  if (captions === null)
    throw invalidInput(
      `${folder}: none of its pictures has a caption beside it, in a file of its name that ends in .txt`,
    );
  return readCaptionFiles(folder, captions.source);
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
