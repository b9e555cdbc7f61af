import { findSharedPictures } from '../../../engine/data/pictures/survey/find-shared.ts';
import { surveyPictures } from '../../../engine/data/pictures/survey/survey-pictures.ts';
import type { SharedPictures } from '../../protocol/pictures-schema.ts';
import type { PicturesSource } from '../../protocol/read-schema.ts';
import type { OnProgress } from '../progress.ts';
import { openKept } from './kept-set.ts';

/** Groups, pairs, and names of a group that a person is shown. */
const shown = 40;

/** @param onProgress told of pictures. @throws WorkbenchError as openKept and surveyPictures */
export const readSharedPictures = async (
  dataset: PicturesSource,
  onProgress: OnProgress,
): Promise<SharedPictures> => {
  const set = await openKept(dataset);
  const found = findSharedPictures(set, await surveyPictures(set, { onPicture: onProgress }), shown);
  return {
    repeated: found.repeated,
    contradicting: found.contradicting,
    groups: found.groups.map((group) => group.slice(0, shown)),
    shared: { ...found.shared },
    pairs: [...found.pairs],
  };
};
