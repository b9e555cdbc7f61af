import { concurrently } from '../../../engine/concurrently.ts';
import { createPictureReader, usualLimits } from '../../../engine/data/pictures/decode/picture-reader.ts';
import type { Picture } from '../../../engine/data/pictures/picture.ts';
import { pathOf, type PictureSet } from '../../../engine/data/pictures/sets/picture-set.ts';
import { smallPicture } from '../../../engine/data/pictures/show/small-picture.ts';
import { seePicture } from '../../../engine/data/pictures/views/see-picture.ts';
import { invalidInput, WorkbenchError } from '../../../engine/errors.ts';
import type { Thumbnail } from '../../protocol/pictures-schema.ts';
import type { ReadQuestion } from '../../protocol/read-schema.ts';
import { namesOf, openKept } from './kept-set.ts';
import { viewOfModel } from './model-view.ts';

type Question = Omit<Extract<ReadQuestion, { kind: 'thumbnails' }>, 'kind'>;

/**
 * Some pictures of a set, small: as a model sees them, or whole. One that can't be read says why and stops none of the others.
 * @throws WorkbenchError naming the set, the model, or a name that the set doesn't have
 */
export const readThumbnails = async ({
  dataset,
  names,
  edge,
  modelDirectory,
}: Question): Promise<Thumbnail[]> => {
  const set = await openKept(dataset);
  const known = namesOf(set);
  const other = names.find((name) => !known.has(name));
  if (other !== undefined) throw invalidInput(`names: ${dataset.trainFile} has no picture "${other}"`);
  const view = modelDirectory === null ? null : viewOfModel(modelDirectory);
  return showPictures(set, names, edge, (picture) => (view === null ? picture : seePicture(picture, view)));
};

/** @param see what is shown of a picture */
export const showPictures = async (
  set: PictureSet,
  names: readonly string[],
  edge: number,
  see: (picture: Picture) => Picture = (picture) => picture,
): Promise<Thumbnail[]> => {
  const read = createPictureReader();
  const shown = new Map<string, Thumbnail>();
  const show = async (name: string): Promise<Thumbnail> => {
    try {
      const { width, height, mark, image } = await read(
        () => pathOf(set, { name, place: trainName(name) }),
        set.kind === 'subject' ? set.decoding : {},
        (picture, { mark }) => ({
          width: picture.width,
          height: picture.height,
          mark,
          image: smallPicture(see(picture), edge),
        }),
      );
      return { name, width, height, mark, image: await image, problem: null };
    } catch (error) {
      if (!(error instanceof WorkbenchError)) throw error;
      return { name, width: null, height: null, mark: null, image: null, problem: error.message };
    }
  };
  await concurrently([...new Set(names)], usualLimits.files, async (name) => {
    shown.set(name, await show(name));
  });
  return names.map((name) => shown.get(name)!);
};

const trainName = (name: string): string => `picture ${name}`;
