import { invalidInput } from '../../errors.ts';
import { createRandom } from '../../random.ts';

export interface Split {
  readonly train: number[];
  readonly validation: number[];
}

/** How many of so many examples, at least 2, are held out. @param validationFraction between 0 and 1, both excluded */
export const heldOutCount = (count: number, validationFraction: number): number =>
  Math.min(count - 1, Math.max(1, Math.round(count * validationFraction)));

/**
 * Divides the indices 0 ... count - 1 at random into training and validation, each in ascending order and with at least one. The same
 * count, fraction and seed give the same split; with another fraction the smaller validation set lies within the larger.
 * @param validationFraction between 0 and 1, both excluded
 */
export const splitExamples = (count: number, validationFraction: number, seed: number): Split => {
  if (!(validationFraction > 0 && validationFraction < 1)) {
    throw invalidInput(`validation fraction: ${validationFraction} is not between 0 and 1`);
  }
  if (count < 2)
    throw invalidInput(
      `${count} example${count === 1 ? '' : 's'} can't be split into training and validation: at least 2 are needed`,
    );
  const validationCount = heldOutCount(count, validationFraction);
  const order = createRandom(seed).shuffle(Array.from({ length: count }, (_, index) => index));
  const ascending = (a: number, b: number): number => a - b;
  return {
    validation: order.slice(0, validationCount).sort(ascending),
    train: order.slice(validationCount).sort(ascending),
  };
};
