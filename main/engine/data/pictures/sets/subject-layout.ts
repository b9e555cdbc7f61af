import { extname, join } from 'node:path';
import { invalidInput } from '../../../errors.ts';
import { listed } from '../../../suggestions.ts';
import { foldersIn, hasPictures, inside, partsIn, picturesIn } from './folder-listing.ts';
import { partNames, type PartName } from './picture-set.ts';
import { checkedRepeats, repeatFoldersAmong } from './repeat-folders.ts';

/** Pictures of a folder that have repeats and words in common. */
export interface PictureGroup {
  readonly part: PartName;
  readonly repeats: number;
  /** Of a folder that is called as in `10_sks dog`. */
  readonly words: string | null;
  readonly prior: boolean;
  /** Within the set's folder. */
  readonly names: readonly string[];
}

export interface SubjectLayout {
  readonly groups: readonly PictureGroup[];
  /** Files that are no pictures by their endings: captions among them. */
  readonly others: readonly string[];
  readonly notices: readonly string[];
}

/** What trainers and their guides call the folder of class pictures, and that of the subject's beside it. */
const classPictureFolders = new Set(
  'reg reg_images reg_data regularization regularisation regularization_images class_images class-images class_pictures class-pictures prior prior_images'.split(
    ' ',
  ),
);
const subjectFolders = new Set(['img', 'image', 'images', 'instance', 'instance_images']);

const among = (names: ReadonlySet<string>, folders: readonly string[]): string | undefined =>
  folders.find((name) => names.has(name.toLowerCase()));

interface Roots {
  readonly subject: string;
  readonly classPictures: string | null;
  /** Folders beside the subject's that have pictures: kohya_ss's users have what they drew in `model/sample`. */
  readonly beside: readonly string[];
}

/** Where a folder has its pictures of the subject, and those of the class. @throws WorkbenchError for a folder that is said and not there */
const rootsIn = (folder: string, train: string, said: string | undefined): Roots => {
  const folders = foldersIn(folder, train);
  const found = said === undefined ? among(classPictureFolders, folders) : undefined;
  const classPictures = said ?? (found === undefined ? null : inside(train, found));
  if (classPictures !== null) refuseMissingFolder(folder, classPictures);
  const pictured = picturedFolders(folder, train, classPictures);
  const named = among(subjectFolders, pictured);
  if (named === undefined || hasOwnPictures(folder, train))
    return { subject: train, classPictures, beside: [] };
  const subject = inside(train, named);
  const isOfRepeats = repeatFoldersAmong(picturedFolders(folder, subject, classPictures)).length > 0;
  if (pictured.length > 1 && !isOfRepeats) return { subject: train, classPictures, beside: [] };
  return { subject, classPictures, beside: pictured.filter((name) => name !== named) };
};

/** Whether pictures lie in a folder itself. */
const hasOwnPictures = (folder: string, within: string): boolean =>
  picturesIn(folder, within, [], foldersWithin(folder, within)).length > 0;

const foldersWithin = (folder: string, within: string): ReadonlySet<string> =>
  new Set(foldersIn(folder, within).map((name) => inside(within, name)));

const refuseMissingFolder = (folder: string, within: string): void => {
  const parts = within.split('/');
  const isWithin = !parts.includes('..') && !parts.includes('') && !within.includes('\\');
  const name = parts.at(-1)!;
  if (isWithin && foldersIn(folder, parts.slice(0, -1).join('/')).includes(name)) return;
  throw invalidInput(`classPictures: ${folder} has no folder "${within}": name one within it, as in reg`);
};

const picturedFolders = (folder: string, within: string, classPictures: string | null): string[] =>
  foldersIn(folder, within).filter((name) => {
    const one = inside(within, name);
    return one !== classPictures && hasPictures(folder, one);
  });

/**
 * Whether a folder is laid out as kohya's trainers want it: in folders that say how often each picture is repeated.
 * @throws WorkbenchError where others with pictures are beside those, which may be classes as well
 */
export const isRepeatTree = (folder: string): boolean => {
  const train = partsIn(folder, []).get('train')!;
  const { subject, classPictures } = rootsIn(folder, train, undefined);
  const pictured = picturedFolders(folder, subject, classPictures);
  const repeated = repeatFoldersAmong(pictured);
  const other = pictured.find((name) => !repeated.includes(name));
  if (repeated.length > 0 && other !== undefined)
    throw invalidInput(
      `as: ${folder} has a folder that says how often its pictures are repeated ("${repeated[0]!}") and one that does not ("${other}"); say subject, which passes the second over as kohya's trainers do, or classes`,
    );
  return repeated.length > 0;
};

/** Whether pictures lie in a folder itself, and none in folders but such of class pictures and parts. */
export const isFlat = (folder: string): boolean => {
  const train = partsIn(folder, []).get('train')!;
  const { subject, classPictures } = rootsIn(folder, train, undefined);
  return hasOwnPictures(folder, subject) && picturedFolders(folder, subject, classPictures).length === 0;
};

/**
 * Which pictures a folder has of a subject: in folders that are called as in `10_sks dog`, or all that lie in it; class pictures in one called `reg`
 * or the like. Parts are in folders train, val and test.
 * @param said the folder of class pictures, within the set's
 * @throws WorkbenchError naming the folder
 */
export const subjectLayout = (
  folder: string,
  {
    classPictures: said,
    repeats = 1,
  }: { readonly classPictures?: string | undefined; readonly repeats?: number | undefined },
): SubjectLayout => {
  const others: string[] = [];
  const passed: string[] = [];
  const partOf = partsIn(folder, passed);
  const { subject, classPictures, beside } = rootsIn(folder, partOf.get('train')!, said);
  passed.push(...beside);
  const groupsOf = (within: string, part: PartName, prior: boolean): PictureGroup[] => {
    const pictured = picturedFolders(folder, within, prior ? null : classPictures);
    const repeated = repeatFoldersAmong(pictured);
    if (repeated.length === 0) {
      const except = new Set(prior || classPictures === null ? [] : [classPictures]);
      const names = picturesIn(folder, within, others, except);
      return [{ part, repeats: prior || part !== 'train' ? 1 : repeats, words: null, prior, names }];
    }
    if (repeats !== 1)
      throw invalidInput(
        `repeats: the folders of ${join(folder, within)} say how often their pictures are repeated: leave it out`,
      );
    const loose = picturesIn(folder, within, others, foldersWithin(folder, within));
    passed.push(...loose, ...pictured.filter((name) => !repeated.includes(name)));
    return repeated.map((name) => {
      const one = inside(within, name);
      const { words, repeats } = checkedRepeats(name, folder)!;
      return { part, repeats, words, prior, names: picturesIn(folder, one, others) };
    });
  };
  const groups = partNames.flatMap((part) => {
    const within = part === 'train' ? subject : partOf.get(part);
    return within === undefined ? [] : groupsOf(within, part, false);
  });
  if (classPictures !== null) groups.push(...groupsOf(classPictures, 'train', true));
  if (!groups.some(({ part, prior, names }) => part === 'train' && !prior && names.length > 0))
    throw invalidInput(`${folder}: has no pictures`);
  const notices =
    passed.length === 0 ? [] : [`passed over, lying beside the folders that are read: ${listed(passed, 5)}`];
  return { groups, others: [...new Set(others)], notices };
};

const videos = new Set('.mp4 .mov .avi .mkv .webm .m4v .mpg .mpeg .wmv'.split(' '));

/** What is said of files that are neither pictures nor captions. */
export const passedOver = (others: readonly string[]): string[] => {
  const { moving = [], other = [] } = Object.groupBy(others, (name) =>
    videos.has(extname(name).toLowerCase()) ? 'moving' : 'other',
  );
  return [
    ...(moving.length === 0 ? [] : [`passed over, being videos: ${listed(moving, 5)}`]),
    ...(other.length === 0 ? [] : [`passed over, being no pictures by their endings: ${listed(other, 5)}`]),
  ];
};
