import { describe, expect, it, test } from 'vitest';
import { mapLabels, readLabel, type HeadClasses } from '../../../main/engine/data/examples/class-labels.ts';

const numbered: HeadClasses = { kind: 'numbered', count: 3 };
const namedHead: HeadClasses = { kind: 'named', names: ['negative', 'positive'] };

describe('a label', () => {
  test.each([
    ['good', 'good'],
    [' good ', 'good'],
    [0, '0'],
    [true, 'true'],
  ])('%j is read as %s', (value, label) => expect(readLabel(value, 'a.jsonl, line 1, label')).toBe(label));

  test.each([
    [undefined, 'missing'],
    [null, 'null'],
    ['', 'empty'],
    [0.5, '0.5'],
    [['a'], '["a"]'],
  ])('%j is refused', (value, shown) =>
    expect(() => readLabel(value, 'a.jsonl, line 1, label')).toThrow(
      `a.jsonl, line 1, label: the label is ${shown}; it should be the name of a class or a whole number`,
    ),
  );
});

describe('labels stand for classes', () => {
  const ids = (labels: string[], head: HeadClasses): (number | undefined)[] => {
    const { idOf } = mapLabels(labels, head);
    return labels.map((label) => idOf.get(label));
  };

  it('by the names of the model, or by their numbers', () => {
    expect(ids(['positive', 'negative', '1', 'neutral'], namedHead)).toEqual([1, 0, 1, undefined]);
    // A name that is a number is a name first.
    expect(ids(['1', '2', '0'], { kind: 'named', names: ['1', '2'] })).toEqual([0, 1, 0]);
  });

  it('as numbers where the model has no names', () => {
    expect(ids(['2', '0', 'LABEL_1'], numbered)).toEqual([2, 0, 1]);
    expect(ids(['2', '3'], numbered)).toEqual([2, undefined]);
  });

  it('by the alphabet where neither has numbers', () => {
    expect(ids(['town', 'hill', 'sea'], numbered)).toEqual([2, 0, 1]);
    expect(mapLabels(['town', 'hill'], numbered).names).toEqual(['hill', 'town', 'LABEL_2']);
    expect(() => mapLabels(['a', 'b', 'c', 'd'], numbered)).toThrow(
      "the data has 4 classes (a, b, c, d), the model's head scores 3",
    );
  });

  it('not for a head with a single output', () => {
    const message = "the model's head has a single output: it was made to give a number, not a class";
    expect(() => mapLabels(['0', '1'], { kind: 'numbered', count: 1 })).toThrow(message);
    expect(() => mapLabels(['0'], { kind: 'named', names: ['score'] })).toThrow(message);
  });

  it('in order for a head that is made new', () => {
    expect(mapLabels(['10', '9', '9'], { kind: 'new' }).names).toEqual(['9', '10']);
    expect(mapLabels(['true', 'false'], { kind: 'new' }).names).toEqual(['false', 'true']);
    expect(() => mapLabels(['a', 'a'], { kind: 'new' })).toThrow(
      'every row has the label "a": a classifier needs at least two',
    );
  });
});
