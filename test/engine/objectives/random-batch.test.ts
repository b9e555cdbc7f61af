import { expect, test } from 'vitest';
import { tokenFields, type TokenBatch } from '../../../main/engine/data/batches/token-batch.ts';
import { classification } from '../../../main/engine/objectives/classification.ts';
import { nextToken } from '../../../main/engine/objectives/next-token.ts';

const options = { batchSize: 2, sequenceLength: 5, vocabularySize: 7, outputs: 7, seed: 3 };
const randomBatch = (labels: number | null) =>
  tokenFields(nextToken.randomBatch({ ...options, labels }) as TokenBatch);

test('every token but the first of a row is a target', () => {
  const batch = randomBatch(null);
  expect([...batch.labelRows]).toEqual([0n, 1n, 2n, 3n, 5n, 6n, 7n, 8n]);
  expect([...batch.labelTargets]).toEqual([1, 2, 3, 4, 6, 7, 8, 9].map((at) => batch.inputIds[at]));
  expect([...batch.positionIds]).toEqual([0n, 1n, 2n, 3n, 4n, 0n, 1n, 2n, 3n, 4n]);
  expect(batch.inputIds.every((id) => id >= 0n && id < 7n)).toBe(true);
  expect(batch.tokens).toBe(10);
});

test('or the last ones of each row are', () => {
  const batch = randomBatch(2);
  expect([...batch.labelRows]).toEqual([2n, 3n, 7n, 8n]);
  expect([...batch.labelTargets]).toEqual([3, 4, 8, 9].map((at) => batch.inputIds[at]));
});

test('a classifier has a class for each row, at its first token', () => {
  const batch = classification.randomBatch({ ...options, outputs: 3, labels: null }) as TokenBatch;
  const { labelRows, labelTargets } = tokenFields(batch);
  expect([...labelRows]).toEqual([0n, 5n]);
  expect(labelTargets.every((label) => label >= 0n && label < 3n)).toBe(true);
  expect(batch).toMatchObject({ batch: 2, sequence: 5, scored: 2, tokens: 10 });
});
