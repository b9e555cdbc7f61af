import { invalidInput } from '../../../errors.ts';
import { shotsToValidate } from './draw-shots.ts';

/** How many pictures of a class there are; null for a part that the set doesn't tell apart. */
export interface ClassSize {
  readonly name: string;
  readonly train: number;
  readonly validation: number | null;
}

/**
 * Refuses a number of shots that can't be drawn, before anything is: those to validate with are drawn first, from a part of their own or from
 * those to train on.
 * @param field that it is told under
 * @throws invalid-input naming the class
 */
export const refuseTooFew = (classes: readonly ClassSize[], shots: number, field: string): void => {
  const toValidate = shotsToValidate(shots);
  for (const { name, train, validation } of classes) {
    const wanted = validation === null ? shots + toValidate : shots;
    const more = validation === null ? `, ${toValidate} of them to validate with` : '';
    const few = (there: number, count: number, purpose: string): void => {
      if (there >= count) return;
      throw invalidInput(
        `${field}: the class "${name}" has ${there} picture${there === 1 ? '' : 's'} ${purpose}, and ${shots} ${shots === 1 ? 'shot takes' : 'shots take'} ${count}${more}: add some, or ask for fewer shots`,
      );
    };
    few(train, wanted, 'to train on');
    if (validation !== null) few(validation, toValidate, 'to validate with');
  }
};
