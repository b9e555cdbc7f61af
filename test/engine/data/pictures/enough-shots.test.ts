import { describe, expect, test } from 'vitest';
import {
  drawnFrom,
  refuseTooFew,
  type ClassSize,
  type PartSizes,
} from '../../../../main/engine/data/pictures/shots/enough-shots.ts';
import type {
  ClassifiedSet,
  LabelledPicture,
} from '../../../../main/engine/data/pictures/sets/picture-set.ts';
import { choosePictures } from '../../../../main/trainer/run/pictures/choose-pictures.ts';

const fraction = 0.25;
const classes = ['cat', 'dog'];
const pictures = (part: string, count: number | null): LabelledPicture[] | null =>
  count === null
    ? null
    : classes.flatMap((_, label) =>
        Array.from({ length: count }, (_, at) => ({
          name: `${part}/${label}/${at}.png`,
          place: part,
          label,
        })),
      );
const setOf = ({ train, validation, test }: Omit<PartSizes, 'name'>): ClassifiedSet => ({
  ...{ kind: 'classes', folder: '/set', source: '/set', classes, notices: [] },
  parts: {
    train: pictures('train', train)!,
    validation: pictures('val', validation),
    test: pictures('test', test),
  },
});
/** Whether it goes well. */
const does = (work: () => unknown): boolean => {
  try {
    work();
    return true;
  } catch {
    return false;
  }
};

describe('shots are counted before a comparison as its runs draw them', () => {
  test.each<Omit<PartSizes, 'name'>>([
    { train: 12, validation: null, test: null },
    { train: 13, validation: null, test: null },
    { train: 16, validation: null, test: null },
    { train: 8, validation: 4, test: null },
    { train: 12, validation: 4, test: null },
    { train: 12, validation: null, test: 3 },
    { train: 8, validation: 3, test: 3 },
    { train: 8, validation: 4, test: 3 },
  ])('of %j', (parts) => {
    const { reported, tuned } = drawnFrom({ name: 'cat', ...parts }, fraction);
    for (const shots of [1, 4, 7, 8, 9, 12]) {
      const draw = (tuningFraction?: number) => (): unknown =>
        choosePictures(setOf(parts), {
          settings: { shots },
          ...{ shotsSeed: 1, splitSeed: 1, validationFraction: fraction, tuningFraction },
        });
      const counted = (size: ClassSize) => (): void => refuseTooFew([size], shots, 'shots');
      expect([shots, does(counted(reported))]).toEqual([shots, does(draw())]);
      expect([shots, does(counted(tuned))]).toEqual([shots, does(draw(fraction))]);
    }
  });

  test('says what was held out', () => {
    const { reported } = drawnFrom({ name: 'cat', train: 12, validation: null, test: null }, fraction);
    expect(() => refuseTooFew([reported], 8, 'shots')).toThrow(
      'shots: the class "cat" has 9 pictures to train on, beside 3 held out to report on, and 8 shots take 12, 4 of them to validate with: add some, or ask for fewer shots',
    );
  });
});
