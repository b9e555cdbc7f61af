import { expect, test } from 'vitest';
import { confusionTable } from '../../../main/engine/scoring/confusion-table.ts';
import {
  classAccuracies,
  classesOf,
  confusionOf,
  meanClassAccuracy,
} from '../../../main/engine/scoring/confusion.ts';

test('a few classes are a matrix', () => {
  const results = [
    { expected: 'cat', answer: 'cat' },
    { expected: 'cat', answer: 'dog' },
    { expected: 'dog', answer: 'dog' },
  ];
  expect(confusionTable(confusionOf(results))).toEqual({
    titles: ['right', 'cat', 'dog'],
    rows: [
      ['cat', '1', '1'],
      ['dog', '0', '1'],
    ],
    words: 'a line for each right class, a column for what was said',
  });
});

test('of many classes the commonest mistakes are told', () => {
  const name = (index: number): string => `class ${String(index).padStart(2, '0')}`;
  const results = Array.from({ length: 77 }, (_, index) =>
    Array.from({ length: index + 1 }, (_, time) => ({
      expected: name(index),
      answer: name(time < index / 2 ? index : (index + 1) % 77),
    })),
  ).flat();
  const { titles, rows, words } = confusionTable(confusionOf(results));
  expect(titles).toEqual(['right', 'said', 'times']);
  expect(rows).toHaveLength(20);
  expect(rows[0]).toEqual([name(76), name(0), '39']);
  expect(words).toBe('of 77 classes, the 20 commonest of 77 mistakes');
});

test('classes that a subject never said stand in its matrix where others did', () => {
  const [mine, theirs] = [[{ expected: 'a', answer: 'a' }], [{ expected: 'a', answer: 'b' }]];
  expect(confusionOf(mine, classesOf([...mine, ...theirs]))).toEqual({
    classes: ['a', 'b'],
    counts: [
      [1, 0],
      [0, 0],
    ],
  });
});

test('each class has the share of its items that were taken for it, and all classes count alike', () => {
  // The example of scikit-learn's balanced_accuracy_score: 0.625.
  const right = [0, 1, 0, 0, 1, 0];
  const said = [0, 1, 0, 0, 0, 1];
  const confusion = confusionOf(
    right.map((label, at) => ({ expected: String(label), answer: String(said[at]) })),
  );
  expect(classAccuracies(confusion)).toEqual([0.75, 0.5]);
  expect(meanClassAccuracy(confusion)).toBe(0.625);
  const withStranger = {
    classes: ['0', '1', '2'],
    counts: [
      [1, 0, 1],
      [0, 2, 0],
      [0, 0, 0],
    ],
  };
  expect(classAccuracies(withStranger)).toEqual([0.5, 1, null]);
  expect(meanClassAccuracy(withStranger)).toBe(0.75);
});
