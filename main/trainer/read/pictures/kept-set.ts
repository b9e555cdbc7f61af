import { openClasses } from '../../../engine/data/pictures/sets/open-classes.ts';
import type { ClassifiedSet } from '../../../engine/data/pictures/sets/picture-set.ts';
import { picturesOf } from '../../../engine/data/pictures/sets/set-content.ts';
import type { PicturesSource } from '../../protocol/read-schema.ts';

/** While a person pages through a set, its folders are not gone through for each page: of a million pictures that takes seconds. */
const keptMilliseconds = 20_000;

interface Kept {
  readonly key: string;
  readonly at: number;
  readonly set: ClassifiedSet;
  names: ReadonlySet<string> | null;
}
let kept: Kept | undefined;

const open = (dataset: PicturesSource): Kept => {
  const key = JSON.stringify(dataset);
  if (kept?.key !== key || Date.now() - kept.at > keptMilliseconds)
    kept = { key, at: Date.now(), set: openClasses(dataset.trainFile).set, names: null };
  return kept;
};

/** Pictures of the library, as they lie there now or did some seconds ago. @throws WorkbenchError as openClasses */
export const openKept = (dataset: PicturesSource): ClassifiedSet => open(dataset).set;

/** The names of all of them. */
export const keptNames = (dataset: PicturesSource): ReadonlySet<string> => {
  const one = open(dataset);
  return (one.names ??= new Set(picturesOf(one.set).map(({ name }) => name)));
};
