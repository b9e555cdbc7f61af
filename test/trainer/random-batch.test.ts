import { expect, test } from 'vitest';
import { randomBatch } from '../../main/trainer/measure/random-batch.ts';

const options = { batchSize: 2, sequenceLength: 5, vocabularySize: 7, seed: 3 };

test('every token but the first of a row is a target', () => {
  const batch = randomBatch({ ...options, labels: null });
  expect([...batch.labelRows]).toEqual([0n, 1n, 2n, 3n, 5n, 6n, 7n, 8n]);
  expect([...batch.labelTargets]).toEqual([1, 2, 3, 4, 6, 7, 8, 9].map((at) => batch.inputIds[at]));
  expect([...batch.positionIds]).toEqual([0n, 1n, 2n, 3n, 4n, 0n, 1n, 2n, 3n, 4n]);
  expect(batch.inputIds.every((id) => id >= 0n && id < 7n)).toBe(true);
  expect(batch.tokens).toBe(10);
});

test('or the last ones of each row are', () => {
  const batch = randomBatch({ ...options, labels: 2 });
  expect([...batch.labelRows]).toEqual([2n, 3n, 7n, 8n]);
  expect([...batch.labelTargets]).toEqual([3, 4, 8, 9].map((at) => batch.inputIds[at]));
});
