import { openImported } from '../../../engine/data/pictures/sets/open-imported.ts';
import { partNames, type PictureSet } from '../../../engine/data/pictures/sets/picture-set.ts';
import type { PicturesSource } from '../../protocol/read-schema.ts';

/** While a person pages through a set, its folders are not gone through for each page: of a million pictures that takes seconds. */
const keptMilliseconds = 20_000;

interface Kept {
  readonly key: string;
  readonly at: number;
  readonly set: Promise<PictureSet>;
}
let kept: Kept | undefined;

/** Pictures of the library, as they lie there now or did some seconds ago. @throws WorkbenchError as openImported */
export const openKept = (dataset: PicturesSource): Promise<PictureSet> => {
  const key = JSON.stringify(dataset);
  if (kept?.key === key && Date.now() - kept.at <= keptMilliseconds) return kept.set;
  const set = openImported({ ...dataset, cacheDirectory: dataset.cacheDirectory ?? null });
  const opened = { key, at: Date.now(), set };
  kept = opened;
  set.catch(() => {
    if (kept === opened) kept = undefined;
  });
  return set;
};

/** The names of all of its pictures, made once while the set is kept. */
export const namesOf = (set: PictureSet): ReadonlySet<string> => {
  const known = namesOfSets.get(set);
  if (known !== undefined) return known;
  const names = new Set(partNames.flatMap((part) => (set.parts[part] ?? []).map(({ name }) => name)));
  namesOfSets.set(set, names);
  return names;
};
const namesOfSets = new WeakMap<PictureSet, ReadonlySet<string>>();
