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
  /**
   * To tune by: what is reported on is left alone, and the run is measured on pictures to validate with. Where the set has none apart and no shots are
   * drawn, so large a part of each class is held out in their place.
   */
  readonly tuningFraction?: number | undefined;
}

/**
 * Which pictures a run trains on and is measured on: the part to test on, or where there is none that to validate with, or a part of each class. A run that
 * settings are tuned by is measured on others, and never sees those.
 * @throws WorkbenchError naming the class that has too few
 */
export const choosePictures = (set: ClassifiedSet, options: ChoiceOptions): ChosenPictures => {
  const { shots } = options.settings;
  const reported = reportedOn(set, options);
  const { train, measured, part } =
    options.tuningFraction === undefined
      ? {
          train: drawnFrom(reported.rest, options).parts.train,
          measured: reported.entries,
          part: reported.part,
        }
      : tunedOn(reported.rest, { ...options, tuningFraction: options.tuningFraction });
  const perClass = shots === 'all' ? '' : ` (${shots} of each class, drawn by the seed ${options.shotsSeed})`;
  const notice = `trained on ${train.length} of ${set.parts.train.length} pictures of ${set.classes.length} classes${perClass}, measured on ${measured.length}, ${part}`;
  return { train, heldOut: measured, part, notice };
};

interface Reported {
  readonly entries: readonly LabelledPicture[];
  /** What a person calls them. */
  readonly part: string;
  /** All that the rest of the set is good for: what is reported on has no other part in it. */
  readonly rest: ClassifiedSet;
}

const reportedOn = (set: ClassifiedSet, options: ChoiceOptions): Reported => {
  const { test, validation } = set.parts;
  if (test !== null) return { entries: test, part: 'the part to test on', rest: set };
  if (validation === null) {
    const held = holdOut(set, options.validationFraction, options.splitSeed);
    return { entries: held.heldOut, part: 'held out', rest: held.set };
  }
  const isTuned = options.tuningFraction !== undefined;
  const rest = isTuned ? { ...set, parts: { ...set.parts, validation: null } } : set;
  return { entries: validation, part: 'the part to validate with', rest };
};

const drawnFrom = (set: ClassifiedSet, { settings: { shots }, shotsSeed }: ChoiceOptions): ClassifiedSet =>
  shots === 'all' ? set : fewShotSet(set, { shots, seed: shotsSeed, repeat: false });

/** With shots those that CLIP-LoRA draws to validate with, beside the very same ones to train on. */
const tunedOn = (
  rest: ClassifiedSet,
  options: ChoiceOptions & { readonly tuningFraction: number },
): {
  readonly train: readonly LabelledPicture[];
  readonly measured: readonly LabelledPicture[];
  readonly part: string;
} => {
  const { train, validation } = drawnFrom(rest, options).parts;
  if (validation !== null) {
    const drawn = options.settings.shots === 'all' ? '' : ' few';
    const measured = rest.parts.validation === null ? untrained(validation, train) : validation;
    return { train, measured, part: `the${drawn} to validate with: settings are tuned by them` };
  }
  const held = holdOut(rest, options.tuningFraction, options.splitSeed);
  return {
    train: held.set.parts.train,
    measured: held.heldOut,
    part: 'held out of those to train on: settings are tuned by them',
  };
};

/** Of pictures that were drawn from the same part as those to train on: a file that a table names several times may have been drawn for both. */
const untrained = (
  drawn: readonly LabelledPicture[],
  train: readonly LabelledPicture[],
): readonly LabelledPicture[] => {
  const trained = new Set(train.map(({ name }) => name));
  const left = drawn.filter(({ name }) => !trained.has(name));
  if (left.length > 0) return left;
  throw invalidInput(
    'every picture that was drawn to validate with is trained on too: the same files are named several times; name each once',
  );
};

/** A part of each class, so that none is without pictures to measure on. A file that a table names several times is one picture: all of it is held out. */
const holdOut = (
  set: ClassifiedSet,
  fraction: number,
  seed: number,
): { readonly set: ClassifiedSet; readonly heldOut: readonly LabelledPicture[] } => {
  const held = new Set<string>();
  for (const [label, name] of set.classes.entries()) {
    const ofClass = set.parts.train.filter((picture) => picture.label === label);
    const names = [...new Set(ofClass.map((picture) => picture.name))];
    if (names.length < 2)
      throw invalidInput(
        `the class "${name}" has ${names.length} picture${names.length === 1 ? '' : 's'}, so none can be held out of it: add some, or give a part "test"`,
      );
    for (const index of splitExamples(names.length, fraction, seed + label).validation)
      held.add(names[index]!);
  }
  const train = set.parts.train.filter(({ name }) => !held.has(name));
  const heldOut = set.parts.train.filter(({ name }) => held.has(name));
  refuseEmptied(set, train);
  return { set: { ...set, parts: { ...set.parts, train } }, heldOut };
};

/** Where files are named under several classes, what one class holds out may be all that another has. */
const refuseEmptied = (set: ClassifiedSet, train: readonly LabelledPicture[]): void => {
  const left = new Set(train.map(({ label }) => label));
  const emptied = set.classes.find((_, label) => !left.has(label));
  if (emptied !== undefined)
    throw invalidInput(
      `the class "${emptied}" has no picture to train on once some are held out: its files are named under other classes too; give each one class, or a part "test"`,
    );
};
