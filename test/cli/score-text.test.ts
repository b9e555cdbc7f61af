import { expect, test } from 'vitest';
import { scoresText } from '../../main/cli/score-text.ts';

test('a classifier shows which class was taken for which', () => {
  const said = [
    ['bad', 'bad'],
    ['bad', 'good'],
    ['good', 'good'],
  ] as const;
  const text = scoresText(
    [
      {
        ...{
          subject: 'base',
          task: 'reviews',
          items: 3,
          chance: 0.5,
          majority: 2 / 3,
          notices: [],
          problem: null,
        },
        scores: { loss: 0.7, accuracy: 2 / 3, f1: 2 / 3 },
        results: said.map(([expected, answer], item) => ({
          ...{ item, prompt: null, expected, answer, weight: 1, detail: null },
          values: { loss: 0.7, accuracy: expected === answer ? 1 : 0 },
        })),
      },
    ],
    [],
  );
  expect(text).toContain('base: a line for each right class, a column for what was said');
  expect(text).toMatch(/^right\s+bad\s+good$/m);
  expect(text).toMatch(/^bad\s+1\s+1$/m);
  expect(text).toMatch(/^good\s+0\s+1$/m);
});
