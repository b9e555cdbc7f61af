import { invalidInput } from '../../../errors.ts';
import { heldOutCount } from '../../files/split.ts';
import { shotsToValidate } from './draw-shots.ts';

/** How many pictures of a class there are; null for a part that the set doesn't tell apart. */
export interface ClassSize {
  readonly name: string;
  readonly train: number;
  readonly validation: number | null;
  /** Of those to train on, what is held out before shots are drawn; none where absent. */
  readonly heldOut?: number;
}

export interface PartSizes extends Pick<ClassSize, 'name' | 'train' | 'validation'> {
  readonly test: number | null;
}

/**
 * What shots are drawn from by runs that are reported on, and by those that settings are tuned by, as choosePictures has it: without the pictures that are
 * reported on, which are held out first where they have no part of their own.
 */
export const drawnFrom = (
  { name, train, validation, test }: PartSizes,
  validationFraction: number,
): { readonly reported: ClassSize; readonly tuned: ClassSize } => {
  const whole = { name, train, validation };
  if (test !== null) return { reported: whole, tuned: whole };
  if (validation !== null) return { reported: whole, tuned: { ...whole, validation: null } };
  const heldOut = train < 2 ? 0 : heldOutCount(train, validationFraction);
  const rest = { ...whole, train: train - heldOut, heldOut };
  return { reported: rest, tuned: rest };
};

/**
 * Refuses a number of shots that can't be drawn, before anything is: those to validate with are drawn first, from a part of their own or from
 * those to train on.
 * @param field that it is told under
 * @throws invalid-input naming the class
 */
export const refuseTooFew = (classes: readonly ClassSize[], shots: number, field: string): void => {
  const toValidate = shotsToValidate(shots);
  for (const { name, train, validation, heldOut = 0 } of classes) {
    const wanted = validation === null ? shots + toValidate : shots;
    const more = validation === null ? `, ${toValidate} of them to validate with` : '';
    const few = (there: number, count: number, purpose: string): void => {
      if (there >= count) return;
      throw invalidInput(
        `${field}: the class "${name}" has ${there} picture${there === 1 ? '' : 's'} ${purpose}, and ${shots} ${shots === 1 ? 'shot takes' : 'shots take'} ${count}${more}: add some, or ask for fewer shots`,
      );
    };
    few(
      train,
      wanted,
      heldOut === 0 ? 'to train on' : `to train on, beside ${heldOut} held out to report on`,
    );
    if (validation !== null) few(validation, toValidate, 'to validate with');
  }
};
