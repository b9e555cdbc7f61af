import type { ClassifiedSet, LabelledPicture } from '../../../engine/data/pictures/sets/picture-set.ts';
import { fewShotSet } from '../../../engine/data/pictures/shots/few-shot-set.ts';
import { splitExamples } from '../../../engine/data/files/split.ts';
import { invalidInput } from '../../../engine/errors.ts';
import type { PictureSettings } from '../../../engine/train/settings/picture-settings.ts';

export interface ChosenPictures {
  readonly train: readonly LabelledPicture[];
  /** What the run is measured on. */
  readonly heldOut: readonly LabelledPicture[];
  /** Where those come from: "the part to test on". */
  readonly part: string;
  /** What a person should know of which they are. */
  readonly notice: string;
}

export interface ChoiceOptions {
  readonly settings: Pick<PictureSettings, 'shots'>;
  /** What shots are drawn by: the seed of the published code. */
  readonly shotsSeed: number;
  /** Where the set has nothing apart to measure on: how much of each class is held out, and by what it is drawn. */
  readonly validationFraction: number;
  readonly splitSeed: number;
  /** Of a run that chooses settings: it is measured on pictures to validate with, and on none that results are told of. */
  readonly tuning?: TuningChoice;
}

/** Where nothing is left to validate with, so large a part of each class's training pictures is set apart. */
interface TuningChoice {
  readonly fraction: number;
  readonly seed: number;
}

/**
 * Which pictures a run trains on and is measured on: the part to test on, or where there is none that to validate with, or a part of each class.
 * @throws WorkbenchError naming the class that has too few
 */
export const choosePictures = (
  set: ClassifiedSet,
  { settings: { shots }, shotsSeed, validationFraction, splitSeed, tuning }: ChoiceOptions,
): ChosenPictures => {
  const { test, validation } = set.parts;
  const isApart = test !== null || validation !== null;
  const held = isApart
    ? { set, heldOut: test ?? validation ?? [] }
    : holdOut(set, validationFraction, splitSeed);
  const apart = tuning === undefined ? held.set : toTuneBy(held.set, tuning);
  const drawn = shots === 'all' ? apart : fewShotSet(apart, { shots, seed: shotsSeed, repeat: false });
  const { train } = drawn.parts;
  const measured = tuning === undefined ? held.heldOut : drawn.parts.validation!;
  const part = tuning === undefined ? partOf(set) : 'pictures to tune by, none of which is reported on';
  const perClass = shots === 'all' ? '' : ` (${shots} of each class, drawn by the seed ${shotsSeed})`;
  const notice = `trained on ${train.length} of ${set.parts.train.length} pictures of ${set.classes.length} classes${perClass}, measured on ${measured.length}, ${part}`;
  return { train, heldOut: measured, part, notice };
};

const partOf = ({ parts: { test, validation } }: ClassifiedSet): string => {
  if (test !== null) return 'the part to test on';
  return validation === null ? 'held out' : 'the part to validate with';
};

/** With pictures to validate with: those of the set where results are told of others, or a part of those to train on. */
const toTuneBy = (set: ClassifiedSet, { fraction, seed }: TuningChoice): ClassifiedSet => {
  if (set.parts.test !== null && set.parts.validation !== null) return set;
  const { set: rest, heldOut } = holdOut(set, fraction, seed);
  return { ...rest, parts: { ...rest.parts, validation: heldOut } };
};

/** A part of each class, so that none is without pictures to measure on. */
const holdOut = (
  set: ClassifiedSet,
  fraction: number,
  seed: number,
): { readonly set: ClassifiedSet; readonly heldOut: readonly LabelledPicture[] } => {
  const held = new Set<LabelledPicture>();
  for (const [label, name] of set.classes.entries()) {
    const ofClass = set.parts.train.filter((picture) => picture.label === label);
    if (ofClass.length < 2)
      throw invalidInput(
        `the class "${name}" has ${ofClass.length} picture${ofClass.length === 1 ? '' : 's'}, so none can be held out of it: add some, or give a part "test"`,
      );
    for (const index of splitExamples(ofClass.length, fraction, seed + label).validation)
      held.add(ofClass[index]!);
  }
  const train = set.parts.train.filter((picture) => !held.has(picture));
  const heldOut = set.parts.train.filter((picture) => held.has(picture));
  return { set: { ...set, parts: { ...set.parts, train } }, heldOut };
};
