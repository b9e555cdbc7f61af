import { join } from 'node:path';
import { invalidInput } from '../../../errors.ts';
import { foldersIn, inside, leftOutNotices, partsIn, picturesIn } from './folder-listing.ts';
import { checkClasses, type ClassifiedSet, type LabelledPicture, type PartName } from './picture-set.ts';

/** One folder is rather the pictures of a subject, under a name that does not say so. */
const oneFolder =
  '; if these are pictures of a subject to draw, say so (--as subject), or choose the folder within; kohya calls such a folder by a whole number of repeats and words, as in 10_sks dog';

/**
 * A folder for each class, or for each part and in it for each class. Classes and pictures are in the order of torchvision's ImageFolder.
 * @throws WorkbenchError naming the folder
 */
export const readClassFolders = (folder: string): ClassifiedSet => {
  const left: string[] = [];
  const partOf = partsIn(folder, left);
  const found = new Map(
    [...partOf].map(([part, within]) => [part, classesIn(folder, within, left)] as const),
  );
  const trained = found.get('train')!;
  const classes = [...trained.keys()];
  if ([...trained.values()].every(({ length }) => length === 0))
    throw invalidInput(`${folder}: has no pictures in folders named by their class`);
  checkClasses(classes, folder, oneFolder);
  const labelled = (part: PartName): LabelledPicture[] | null => {
    const ofPart = found.get(part);
    if (ofPart === undefined) return null;
    return [...ofPart].flatMap(([name, pictures]) => {
      const label = classes.indexOf(name);
      const place = join(folder, partOf.get(part)!, name);
      if (label === -1) throw invalidInput(`${place}: there is no class of this name to train on`);
      if (pictures.length === 0) throw invalidInput(`${place}: the class "${name}" has no pictures`);
      return pictures.map((picture) => ({ name: picture, place: picture, label }));
    });
  };
  const parts = { train: labelled('train')!, validation: labelled('validation'), test: labelled('test') };
  return { kind: 'classes', folder, source: folder, classes, parts, notices: leftOutNotices(left) };
};

/** Pictures by class. */
const classesIn = (root: string, within: string, left: string[]): ReadonlyMap<string, string[]> =>
  new Map(
    foldersIn(root, within).map((name) => [name, picturesIn(root, inside(within, name), left)] as const),
  );
