import { invalidInput, WorkbenchError } from '../../../errors.ts';
import type { SubjectChoices } from '../subject-format.ts';
import { subjectRefused } from '../pictures-format.ts';
import type {
  CaptionedPicture,
  CaptionedSet,
  PictureSet,
  SubjectPicture,
  SubjectSet,
} from './picture-set.ts';
import { decodingOf } from './read-subject.ts';

/**
 * A set as a drawing model is trained on it: pictures of a subject as they are, and pictures with captions each once.
 * @throws WorkbenchError unsupported for pictures of classes; for a choice that says nothing of such a set
 */
export const subjectOf = (set: PictureSet, choices: SubjectChoices = {}): SubjectSet => {
  if (set.kind === 'subject') return set;
  if (set.kind === 'classes')
    throw new WorkbenchError(
      'unsupported',
      `${set.folder}: its pictures have classes, and a drawing model is trained on captions or on a subject: import them as pictures of a subject`,
    );
  const { captions, classPictures, repeats = 1 } = choices;
  for (const [name, choice] of Object.entries({ captions, classPictures }))
    if (choice !== undefined && choice !== set.captions)
      throw invalidInput(`${name}: is said of a folder of pictures, and ${set.source} has their captions`);
  const subject = ({ name, place, caption }: CaptionedPicture): SubjectPicture => ({
    name,
    place,
    // A table may leave one empty where that is allowed.
    caption: caption === '' ? null : caption,
    repeats,
    prior: false,
  });
  const { train, validation, test } = set.parts;
  return {
    ...set,
    kind: 'subject',
    decoding: decodingOf(choices),
    parts: {
      train: train.map(subject),
      validation: validation?.map(subject) ?? null,
      test: test?.map(subject) ?? null,
    },
  };
};

/**
 * The same set where each picture has a caption of its own to be compared with.
 * @throws WorkbenchError unsupported for pictures of a subject
 */
export const captionedSet = (set: CaptionedSet | SubjectSet): CaptionedSet => {
  if (set.kind === 'captions') return set;
  throw subjectRefused(set.folder);
};
