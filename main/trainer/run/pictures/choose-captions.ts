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

/**
 * Which pairs a run trains on and is measured on: the part to test on, or where there is none that to validate with, or a part of the pictures, each with
 * all of its captions.
 * @throws WorkbenchError where there is one picture only
 */
export const chooseCaptions = (
  set: CaptionedSet,
  { validationFraction, splitSeed }: { readonly validationFraction: number; readonly splitSeed: number },
): ChosenCaptions => {
  const { test, validation } = set.parts;
  const apart = test ?? validation;
  const { train, heldOut } =
    apart === null ? holdOut(set, validationFraction, splitSeed) : { train: set.parts.train, heldOut: apart };
  const measured = spread(heldOut, mostMeasured);
  const part =
    test !== null ? 'the part to test on' : apart !== null ? 'the part to validate with' : 'held out';
  const of = measured.length < heldOut.length ? ` of ${limitText(heldOut.length)}, from all over` : '';
  const notice = `trained on ${train.length} of ${set.parts.train.length} captions, measured on ${measured.length}${of} (${part})`;
  return { train, heldOut: measured, notice };
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
