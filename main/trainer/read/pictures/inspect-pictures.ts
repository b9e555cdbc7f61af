import { attempt } from '../../../engine/attempt.ts';
import { formOfPictures } from '../../../engine/data/pictures/sets/form-of-pictures.ts';
import { refuseMissing } from '../../../engine/data/pictures/sets/missing-files.ts';
import { openPictureSet, type OpenOptions } from '../../../engine/data/pictures/sets/open-picture-set.ts';
import type {
  PictureSet,
  SubjectPicture,
  SubjectSet,
} from '../../../engine/data/pictures/sets/picture-set.ts';
import { WorkbenchError } from '../../../engine/errors.ts';
import type { PicturesInspection } from '../../protocol/pictures-schema.ts';
import { countClasses } from './list-pictures.ts';
import { showPictures } from './thumbnails.ts';

/** Classes that a picture is shown of, or pictures with a caption. */
const shown = 8;
/** In pixels. */
const edge = 96;

/** What an import would make of pictures, by their names. @throws WorkbenchError naming the file or folder, and what is missing */
export const inspectPictures = async (
  trainFile: string,
  choices: Pick<OpenOptions, 'as' | 'subject'> = {},
): Promise<PicturesInspection> => {
  const { set, published } = openPictureSet(trainFile, { missing: 'keep', ...choices });
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
    form: formOfPictures(trainFile, published, set),
    as: set.kind,
    published,
    classes: countClasses(set),
    subject: set.kind === 'subject' ? countSubject(set) : null,
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

const countSubject = ({ captions, parts }: SubjectSet): NonNullable<PicturesInspection['subject']> => {
  const own = parts.train.filter(({ prior }) => !prior);
  return {
    source: captions,
    pictures: own.length,
    captioned: own.filter(({ caption }) => caption !== null).length,
    repeated: own.reduce((sum, { repeats }) => sum + repeats, 0),
    classPictures: parts.train.length - own.length,
  };
};

const firstOf = (set: PictureSet): { said: string; name: string }[] => {
  if (set.kind !== 'classes')
    return (set.parts.train as SubjectPicture[])
      .slice(0, shown)
      .map(({ name, caption }) => ({ said: caption ?? '', name }));
  return set.classes.slice(0, shown).flatMap((said, label) => {
    const first = set.parts.train.find((entry) => entry.label === label);
    return first === undefined ? [] : [{ said, name: first.name }];
  });
};
