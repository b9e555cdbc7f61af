import { expect, test } from 'vitest';
import { confusionTable } from '../../../main/engine/scoring/confusion-table.ts';
import { classesOf, confusionOf } from '../../../main/engine/scoring/confusion.ts';

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
