import { attempt } from '../../../engine/attempt.ts';
import { formOfPictures } from '../../../engine/data/pictures/sets/form-of-pictures.ts';
import { refuseMissing } from '../../../engine/data/pictures/sets/missing-files.ts';
import { openPictureSet } from '../../../engine/data/pictures/sets/open-picture-set.ts';
import type { PictureSet } from '../../../engine/data/pictures/sets/picture-set.ts';
import { WorkbenchError } from '../../../engine/errors.ts';
import type { PicturesInspection } from '../../protocol/pictures-schema.ts';
import { countClasses } from './list-pictures.ts';
import { showPictures } from './thumbnails.ts';

/** Classes that a picture is shown of, or pictures with a caption. */
const shown = 8;
/** In pixels. */
const edge = 96;

/** What an import would make of pictures, by their names. @throws WorkbenchError naming the file or folder, and what is missing */
export const inspectPictures = async (trainFile: string): Promise<PicturesInspection> => {
  const { set, published } = openPictureSet(trainFile, { missing: 'keep' });
  const missing = attempt(() => refuseMissing(set));
  const { train, validation, test } = set.parts;
  const firsts = firstOf(set);
  const thumbnails = await showPictures(
    set,
    firsts.map(({ name }) => name),
    edge,
  );
  return {
    kind: 'pictures',
    form: formOfPictures(trainFile, published, set.kind),
    published,
    classes: countClasses(set),
    pictures: {
      train: train.length,
      validation: validation?.length ?? null,
      test: test?.length ?? null,
    },
    notices: [...set.notices],
    problem: missing instanceof WorkbenchError ? missing.message : null,
    samples: firsts.map(({ said }, index) => ({ said, thumbnail: thumbnails[index]! })),
  };
};

const firstOf = (set: PictureSet): { said: string; name: string }[] => {
  if (set.kind === 'captions')
    return set.parts.train.slice(0, shown).map(({ name, caption }) => ({ said: caption, name }));
  return set.classes.slice(0, shown).flatMap((said, label) => {
    const first = set.parts.train.find((entry) => entry.label === label);
    return first === undefined ? [] : [{ said, name: first.name }];
  });
};
