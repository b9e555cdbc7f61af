import { openClasses } from '../../../engine/data/pictures/sets/open-classes.ts';
import { formOfPictures } from '../../../engine/data/pictures/sets/form-of-pictures.ts';
import type { PicturesInspection } from '../../protocol/pictures-schema.ts';
import { countClasses } from './list-pictures.ts';
import { showPictures } from './thumbnails.ts';

const shownClasses = 8;
/** In pixels. */
const edge = 96;

/** What an import would make of pictures, by their names. @throws WorkbenchError naming the file or folder, and what is missing */
export const inspectPictures = async (trainFile: string): Promise<PicturesInspection> => {
  const { set, published } = openClasses(trainFile);
  const { train, validation, test } = set.parts;
  const firsts = set.classes.slice(0, shownClasses).flatMap((className, label) => {
    const first = train.find((entry) => entry.label === label);
    return first === undefined ? [] : [{ className, name: first.name }];
  });
  const thumbnails = await showPictures(
    set,
    firsts.map(({ name }) => name),
    edge,
  );
  return {
    kind: 'pictures',
    form: formOfPictures(trainFile, published),
    published,
    classes: countClasses(set),
    pictures: {
      train: train.length,
      validation: validation?.length ?? null,
      test: test?.length ?? null,
    },
    notices: [...set.notices],
    samples: firsts.map(({ className }, index) => ({ className, thumbnail: thumbnails[index]! })),
  };
};
