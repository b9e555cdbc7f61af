import { describe, expect, it } from 'vitest';
import type {
  CaptionedPicture,
  CaptionedSet,
  ClassifiedSet,
  LabelledPicture,
} from '../../../main/engine/data/pictures/sets/picture-set.ts';
import { drawShots } from '../../../main/engine/data/pictures/shots/draw-shots.ts';
import { chooseCaptions } from '../../../main/trainer/run/pictures/choose-captions.ts';
import { choosePictures, type ChoiceOptions } from '../../../main/trainer/run/pictures/choose-pictures.ts';

const pictures = (part: string, counts: readonly number[]): LabelledPicture[] =>
  counts.flatMap((count, label) =>
    Array.from({ length: count }, (_, at) => ({ name: `${part}/${label}/${at}.png`, place: part, label })),
  );
const setOf = (parts: Partial<ClassifiedSet['parts']>): ClassifiedSet => ({
  kind: 'classes',
  folder: '/set',
  source: '/set',
  classes: ['cat', 'dog'],
  parts: { train: pictures('train', [12, 10]), validation: null, test: null, ...parts },
  notices: [],
});
const choose = (set: ClassifiedSet, changes: Partial<ChoiceOptions> = {}) =>
  choosePictures(set, {
    settings: { shots: 'all' },
    shotsSeed: 3,
    validationFraction: 0.25,
    splitSeed: 7,
    ...changes,
  });
const namesOf = (entries: readonly LabelledPicture[]): string[] => entries.map(({ name }) => name);

describe('what a run trains and is measured on', () => {
  it('is the parts of the set, measured on the one to test on', () => {
    const set = setOf({ validation: pictures('val', [2, 2]), test: pictures('test', [3, 1]) });
    const { train, heldOut, notice } = choose(set);
    expect(train).toEqual(set.parts.train);
    expect(heldOut).toEqual(set.parts.test);
    expect(notice).toBe('trained on 22 of 22 pictures of 2 classes, measured on 4, the part to test on');
  });

  it('is measured on the part to validate with where there is none to test on', () => {
    const set = setOf({ validation: pictures('val', [2, 2]) });
    expect(choose(set).heldOut).toEqual(set.parts.validation);
  });

  it('has a part of each class held out where the set has one part', () => {
    const set = setOf({});
    const { train, heldOut } = choose(set);
    expect([0, 1].map((label) => heldOut.filter((one) => one.label === label).length)).toEqual([3, 3]);
    expect([...namesOf(train), ...namesOf(heldOut)].sort()).toEqual(namesOf(set.parts.train).sort());
    expect(choose(set).heldOut).toEqual(heldOut);
    expect(choose(set, { splitSeed: 8 }).heldOut).not.toEqual(heldOut);
  });

  it('has the shots that CLIP-LoRA draws with the run’s seed', () => {
    const set = setOf({ validation: pictures('val', [4, 4]), test: pictures('test', [3, 1]) });
    const { classes, parts } = set;
    const drawn = drawShots({ classes, ...parts, shots: 4, seed: 3, repeat: false });
    const { train, notice } = choose(set, { settings: { shots: 4 } });
    expect(train).toEqual(drawn.train);
    expect(notice).toContain(
      'trained on 8 of 22 pictures of 2 classes (4 of each class, drawn by the seed 3)',
    );
    expect(choose(set, { settings: { shots: 4 }, shotsSeed: 4 }).train).not.toEqual(train);
  });

  it('draws no shots from what is held out', () => {
    const { train, heldOut } = choose(setOf({}), { settings: { shots: 2 } });
    expect(train).toHaveLength(4);
    expect(namesOf(train).filter((name) => namesOf(heldOut).includes(name))).toEqual([]);
  });
});

describe('a file that a table names twice', () => {
  const twice = (set: ClassifiedSet): ClassifiedSet =>
    setOf({ train: [...set.parts.train, ...set.parts.train.map((picture) => ({ ...picture }))] });
  const shared = (one: readonly LabelledPicture[], other: readonly LabelledPicture[]): string[] =>
    namesOf(one).filter((name) => namesOf(other).includes(name));

  it.each([0, 1, 2, 3])('is held out whole, or not at all, by seed %i', (splitSeed) => {
    const { train, heldOut } = choose(twice(setOf({})), { splitSeed });
    expect(train.length + heldOut.length).toBe(44);
    expect(shared(train, heldOut)).toEqual([]);
    const tuned = choose(twice(setOf({})), { splitSeed, tuningFraction: 0.25 });
    expect(shared(tuned.train, tuned.heldOut)).toEqual([]);
    expect(shared([...tuned.train, ...tuned.heldOut], heldOut)).toEqual([]);
  });

  it('is not tuned by where it was drawn to train on', () => {
    const { train, heldOut } = choose(twice(setOf({ test: pictures('test', [1, 1]) })), {
      settings: { shots: 8 },
      tuningFraction: 0.25,
    });
    expect(train).toHaveLength(16);
    expect(heldOut.length).toBeGreaterThan(0);
    expect(shared(train, heldOut)).toEqual([]);
  });

  it('under two classes is held out of both, or leaves one with none and is refused', () => {
    const cats = pictures('train', [2]);
    const set = setOf({ train: [...cats, ...cats.map((picture) => ({ ...picture, label: 1 }))] });
    const outcomes = [0, 1, 2, 3, 4, 5, 6, 7].map((splitSeed) => {
      try {
        const { train, heldOut } = choose(set, { splitSeed });
        return shared(train, heldOut);
      } catch (error) {
        return (error as Error).message;
      }
    });
    const refused = /^the class "cat" has no picture to train on once some are held out/;
    expect(outcomes.some((outcome) => refused.test(String(outcome)))).toBe(true);
    expect(outcomes.filter((outcome) => !refused.test(String(outcome))).flat()).toEqual([]);
  });
});

describe('what settings are tuned by', () => {
  const tune = (set: ClassifiedSet, changes: Partial<ChoiceOptions> = {}) =>
    choose(set, { tuningFraction: 0.25, ...changes });
  const disjoint = (...lists: (readonly LabelledPicture[])[]): void => {
    const names = lists.flatMap(namesOf);
    expect(new Set(names).size).toBe(names.length);
  };

  it('are the shots that CLIP-LoRA draws to validate with, beside those that the run is trained on anyway', () => {
    const parts = { validation: pictures('val', [6, 6]), test: pictures('test', [3, 1]) };
    for (const [shots, toValidate] of [
      [2, 2],
      [8, 4],
    ] as const) {
      const set = setOf(parts);
      const drawn = drawShots({ classes: set.classes, ...set.parts, shots, seed: 3, repeat: false });
      const { train, heldOut, notice } = tune(set, { settings: { shots } });
      expect(heldOut).toEqual(drawn.validation);
      expect(heldOut).toHaveLength(2 * toValidate);
      expect(train).toEqual(choose(set, { settings: { shots } }).train);
      expect(notice).toContain('the few to validate with: settings are tuned by them');
    }
  });

  it('are drawn from those to train on where none are apart, and never trained on', () => {
    const set = setOf({ test: pictures('test', [3, 1]) });
    const few = tune(set, { settings: { shots: 4 } });
    expect(few.heldOut).toHaveLength(8);
    disjoint(few.train, few.heldOut, set.parts.test!);
    expect(few.train).toEqual(choose(set, { settings: { shots: 4 } }).train);
    const all = tune(set);
    expect([all.train.length, all.heldOut.length]).toEqual([16, 6]);
    disjoint(all.train, all.heldOut, set.parts.test!);
  });

  it('are the whole part to validate with where all is trained on', () => {
    const set = setOf({ validation: pictures('val', [2, 2]), test: pictures('test', [3, 1]) });
    expect(tune(set).heldOut).toEqual(set.parts.validation);
    expect(tune(set).train).toEqual(set.parts.train);
  });

  it.each(['all', 2] as const)('are none of what is reported on, whatever that is (shots: %s)', (shots) => {
    for (const set of [setOf({}), setOf({ validation: pictures('val', [2, 2]) })]) {
      const reported = choose(set, { settings: { shots } }).heldOut;
      const { train, heldOut } = tune(set, { settings: { shots } });
      expect(heldOut.length).toBeGreaterThan(0);
      disjoint(train, heldOut, reported);
    }
  });
});

it.each([
  [
    setOf({ train: pictures('train', [5, 1]) }),
    'all' as const,
    'the class "dog" has 1 picture, so none can be held out of it',
  ],
  [setOf({ test: pictures('test', [1, 1]) }), 16, 'the class "cat" has 12 pictures, and 20 were asked for'],
])('a class with too few pictures is named (%#)', (set, shots, message) =>
  expect(() => choose(set, { settings: { shots } })).toThrow(message),
);

const captioned = (part: string, count: number): CaptionedPicture[] =>
  Array.from({ length: count }, (_, at) => ({
    name: `${part}${at}.png`,
    place: part,
    caption: `it ${at}`,
  }));
const captionedSet = (parts: Partial<CaptionedSet['parts']>): CaptionedSet => ({
  ...{ kind: 'captions', captions: 'table', folder: '/set', source: '/set', notices: [] },
  parts: { train: captioned('train', 12), validation: null, test: null, ...parts },
});

it.each([
  ['/set: has 1 picture with captions to measure on (held out)', { train: captioned('train', 4) }],
  ['/set: has 1 picture with captions to measure on (the part to test on)', { test: captioned('test', 1) }],
  ['/set: has 1 picture with captions to train on', { train: captioned('t', 1), test: captioned('test', 3) }],
])('%s is refused: it would find its caption among one', (message, parts) =>
  expect(() => chooseCaptions(captionedSet(parts), { validationFraction: 0.25, splitSeed: 3 })).toThrow(
    message,
  ),
);

it('captions that settings are tuned by are none of what is reported on', () => {
  const set = captionedSet;
  const question = { validationFraction: 0.25, splitSeed: 3 };
  for (const parts of [
    {},
    { validation: captioned('val', 3) },
    { test: captioned('test', 3) },
    { validation: captioned('val', 3), test: captioned('test', 3) },
  ]) {
    const reported = chooseCaptions(set(parts), question).heldOut;
    const { train, heldOut } = chooseCaptions(set(parts), { ...question, tuningFraction: 0.25 });
    const names = [...reported, ...train, ...heldOut].map(({ name }) => name);
    expect(heldOut.length).toBeGreaterThan(0);
    expect(new Set(names).size).toBe(names.length);
  }
});
