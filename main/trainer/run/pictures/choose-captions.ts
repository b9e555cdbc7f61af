import { splitExamples } from '../../../engine/data/files/split.ts';
import type { CaptionedPicture, CaptionedSet } from '../../../engine/data/pictures/sets/picture-set.ts';
import { invalidInput } from '../../../engine/errors.ts';
import { limitText } from '../../../engine/limit-text.ts';
import { spread } from './spread.ts';

/** Every caption is compared with every picture, so what is measured takes as much as the square of this: the size of COCO's test part. */
const mostMeasured = 5000;

export interface ChosenCaptions {
  readonly train: readonly CaptionedPicture[];
  readonly heldOut: readonly CaptionedPicture[];
  readonly notice: string;
}

interface CaptionChoice {
  readonly validationFraction: number;
  readonly splitSeed: number;
  /**
   * To tune by: what is reported on is left alone, and the run is measured on the part to validate with, or where there is none on so large a part of the
   * pictures to train on.
   */
  readonly tuningFraction?: number | undefined;
}

interface Held extends Pick<ChosenCaptions, 'train' | 'heldOut'> {
  /** What a person calls what is held out. */
  readonly part: string;
}

/**
 * Which pairs a run trains on and is measured on: the part to test on, or where there is none that to validate with, or a part of the pictures, each with
 * all of its captions. A run that settings are tuned by is measured on others, and never sees those.
 * @throws WorkbenchError where fewer than two pictures are left to train or to be measured on
 */
export const chooseCaptions = (set: CaptionedSet, choice: CaptionChoice): ChosenCaptions => {
  const { train, heldOut, part } = measuredOn(set, choice);
  for (const [some, what] of [
    [train, 'to train on'],
    [heldOut, `to measure on (${part})`],
  ] as const)
    checkCompared(set, some, what);
  const measured = spread(heldOut, mostMeasured);
  const of = measured.length < heldOut.length ? ` of ${limitText(heldOut.length)}, from all over` : '';
  const notice = `trained on ${train.length} of ${set.parts.train.length} captions, measured on ${measured.length}${of} (${part})`;
  return { train, heldOut: measured, notice };
};

/** A single picture finds its caption whatever the model is: its loss is 0 and every recall 100 %. */
const checkCompared = ({ folder }: CaptionedSet, some: readonly CaptionedPicture[], what: string): void => {
  const pictures = new Set(some.map(({ name }) => name)).size;
  if (pictures < 2)
    throw invalidInput(
      `${folder}: has ${pictures} picture with captions ${what}, and they are compared with each other: add some, or give parts with two at least`,
    );
};

const measuredOn = (set: CaptionedSet, choice: CaptionChoice): Held => {
  const reported = reportedOn(set, choice);
  const { tuningFraction, splitSeed } = choice;
  if (tuningFraction === undefined) return reported;
  const { test, validation } = set.parts;
  if (test !== null && validation !== null)
    return { train: reported.train, heldOut: validation, part: 'those to validate with, to tune by' };
  const left = { ...set, parts: { ...set.parts, train: reported.train } };
  return { ...holdOut(left, tuningFraction, splitSeed), part: 'held out of those to train on, to tune by' };
};

const reportedOn = (set: CaptionedSet, { validationFraction, splitSeed }: CaptionChoice): Held => {
  const { train, test, validation } = set.parts;
  if (test !== null) return { train, heldOut: test, part: 'the part to test on' };
  if (validation !== null) return { train, heldOut: validation, part: 'the part to validate with' };
  return { ...holdOut(set, validationFraction, splitSeed), part: 'held out' };
};

const holdOut = (
  { folder, parts: { train } }: CaptionedSet,
  fraction: number,
  seed: number,
): Pick<ChosenCaptions, 'train' | 'heldOut'> => {
  const names = [...new Set(train.map(({ name }) => name))];
  if (names.length < 2)
    throw invalidInput(
      `${folder}: has ${names.length} picture with a caption, so none can be held out: add some, or give a part "test"`,
    );
  const held = new Set(splitExamples(names.length, fraction, seed).validation.map((index) => names[index]!));
  const isHeld = ({ name }: CaptionedPicture): boolean => held.has(name);
  return { train: train.filter((one) => !isHeld(one)), heldOut: train.filter(isHeld) };
};
