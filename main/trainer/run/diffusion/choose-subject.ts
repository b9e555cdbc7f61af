import { splitExamples } from '../../../engine/data/files/split.ts';
import type { SubjectPicture, SubjectSet } from '../../../engine/data/pictures/sets/picture-set.ts';
import { invalidInput } from '../../../engine/errors.ts';
import type { DiffusionSettings } from '../../../engine/train/settings/diffusion-settings.ts';

export interface ChosenSubject {
  /** Of the subject. */
  readonly train: readonly SubjectPicture[];
  /** Of the class, beside those. */
  readonly prior: readonly SubjectPicture[];
  /** How many more of the class the model draws, where it is asked to. */
  readonly missing: number;
  readonly heldOut: readonly SubjectPicture[];
  /** What a person should know of which they are. */
  readonly notices: readonly string[];
}

interface SubjectChoice {
  readonly settings: Pick<DiffusionSettings, 'prior' | 'heldOut'>;
  readonly validationFraction: number;
  readonly splitSeed: number;
  /** To tune by: what is reported on is left alone, and so large a part of the others is held out in its place. */
  readonly tuningFraction?: number | undefined;
}

interface Split {
  readonly train: readonly SubjectPicture[];
  readonly heldOut: readonly SubjectPicture[];
}

const isOfClass = ({ prior }: SubjectPicture): boolean => prior;
const isOfSubject = (picture: SubjectPicture): boolean => !isOfClass(picture);

/** A picture that is repeated is one picture. */
const holdOut = (
  { folder }: Pick<SubjectSet, 'folder'>,
  pictures: readonly SubjectPicture[],
  fraction: number,
  seed: number,
  what: string,
): Split => {
  if (pictures.length < 2)
    throw invalidInput(
      `${folder}: has ${pictures.length} ${pictures.length === 1 ? 'picture' : 'pictures'} of the ${what}, so none can be held out: add some, give a part "test", or measure on the other kind (training.diffusion.heldOut)`,
    );
  const held = new Set(splitExamples(pictures.length, fraction, seed).validation);
  return {
    train: pictures.filter((_, at) => !held.has(at)),
    heldOut: pictures.filter((_, at) => held.has(at)),
  };
};

const names = (pictures: readonly SubjectPicture[]): string => {
  const shown = pictures.slice(0, 3).map(({ name }) => name);
  return `${shown.join(', ')}${pictures.length > shown.length ? ` and ${pictures.length - shown.length} more` : ''}`;
};

/**
 * Which pictures a run trains on and is measured on: of the subject the part to test on, or where there is none that to validate with, or a part that is
 * held out; of the class, where that is asked, always a part that is held out.
 * @throws WorkbenchError where too few are left, or the class has none
 */
export const chooseSubject = (
  set: Pick<SubjectSet, 'folder' | 'parts'>,
  { settings, validationFraction, splitSeed, tuningFraction }: SubjectChoice,
): ChosenSubject => {
  const { train, validation, test } = set.parts;
  const ofClass = train.filter(isOfClass);
  const ofSubject = train.filter(isOfSubject);
  if (ofSubject.length === 0) throw invalidInput(`${set.folder}: has no pictures of the subject`);
  const measuresClass = settings.heldOut === 'class';
  const what = measuresClass ? 'class' : 'subject';
  const held = (pictures: readonly SubjectPicture[], fraction = validationFraction): Split =>
    holdOut(set, pictures, fraction, splitSeed, what);
  const apart = measuresClass ? null : (test ?? validation)?.filter(isOfSubject);
  const pictures = measuresClass ? ofClass : ofSubject;
  const reported = apart ? { train: pictures, heldOut: apart } : held(pictures);
  const chosen = tuningFraction === undefined ? reported : held(reported.train, tuningFraction);
  const unused = settings.prior === null ? ofClass.length : 0;
  return {
    train: measuresClass ? ofSubject : chosen.train,
    prior: settings.prior === null ? [] : measuresClass ? chosen.train : ofClass,
    missing: settings.prior?.draw ? Math.max(0, settings.prior.pictures - ofClass.length) : 0,
    heldOut: chosen.heldOut,
    notices: [
      `trained on ${measuresClass ? ofSubject.length : chosen.train.length} of ${ofSubject.length} pictures of the subject; measured on ${chosen.heldOut.length} of the ${what}, which ${chosen.heldOut.length === 1 ? 'is' : 'are'} not trained on: ${names(chosen.heldOut)}`,
      ...(unused === 0
        ? []
        : [`${unused} pictures of the class are there and not trained on: training.diffusion.prior is null`]),
    ],
  };
};
