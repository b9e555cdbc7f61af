import { expect, test } from 'vitest';
import { splitExamples } from '../../../main/engine/data/files/split.ts';

test('every index once, at least one on each side, ascending', () => {
  for (let count = 2; count < 40; count++) {
    for (const fraction of [0.001, 0.1, 0.5, 0.999]) {
      const { train, validation } = splitExamples(count, fraction, count);
      expect([...train, ...validation].sort((a, b) => a - b)).toEqual(
        Array.from({ length: count }, (_, index) => index),
      );
      expect(Math.min(train.length, validation.length)).toBeGreaterThanOrEqual(1);
      expect(Math.abs(validation.length - count * fraction)).toBeLessThanOrEqual(1);
      expect(train).toEqual([...train].sort((a, b) => a - b));
    }
  }
});

test('depends on the seed alone; a smaller fraction lies within a larger', () => {
  expect(splitExamples(100, 0.1, 1)).toEqual(splitExamples(100, 0.1, 1));
  expect(splitExamples(100, 0.1, 1)).not.toEqual(splitExamples(100, 0.1, 2));
  const larger = new Set(splitExamples(100, 0.3, 1).validation);
  expect(splitExamples(100, 0.1, 1).validation.every((index) => larger.has(index))).toBe(true);
});

test('what is impossible is said', () => {
  expect(() => splitExamples(1, 0.1, 0)).toThrow(
    "1 example can't be split into training and validation: at least 2 are needed",
  );
  expect(() => splitExamples(10, 1, 0)).toThrow('validation fraction: 1 is not between 0 and 1');
  expect(() => splitExamples(10, NaN, 0)).toThrow('validation fraction: NaN is not between 0 and 1');
});
