import { expect, test } from 'vitest';
import { spread } from '../../main/trainer/run/pictures/spread.ts';

test('so many at most are taken from all over, in their order, each once', () => {
  const entries = Array.from({ length: 12 }, (_, at) => at);
  expect(spread(entries, 3)).toEqual([0, 4, 8]);
  expect(spread(entries, 5)).toEqual([0, 2, 4, 7, 9]);
  expect(spread(entries, 12)).toEqual(entries);
  expect(spread(entries, Infinity)).toEqual(entries);
});
