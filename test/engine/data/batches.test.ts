import { describe, expect, test } from 'vitest';
import type { Example } from '../../../main/engine/data/examples/examples.ts';
import { packFirstFit } from '../../../main/engine/data/batches/packing.ts';
import { packExamples } from '../../../main/engine/data/batches/rows.ts';
import { createRandom } from '../../../main/engine/random.ts';
import { exampleOf } from './fixtures.ts';
import { tokenBatches, tokenStream } from '../../support/token-batches.ts';
import { tokenFields, type TokenBatch } from '../../../main/engine/data/batches/token-batch.ts';

const numbers = (array: BigInt64Array): number[] => Array.from(array, Number);

test('padding: one row an example, labels shifted by one', () => {
  const [batch] = tokenBatches({
    examples: [exampleOf(3, 10), exampleOf(5, 20, 3)],
    batchSize: 2,
    sequenceLength: 8,
    packing: false,
    padId: 99,
  });
  expect(batch).toMatchObject({ batch: 2, sequence: 5, tokens: 8 });
  expect(numbers(batch!.tensors.input_ids.data)).toEqual([10, 11, 12, 99, 99, 20, 21, 22, 23, 24]);
  expect(numbers(batch!.tensors.attention_mask.data)).toEqual([1, 1, 1, 0, 0, 1, 1, 1, 1, 1]);
  expect(numbers(batch!.tensors.position_ids.data)).toEqual([0, 1, 2, 3, 4, 0, 1, 2, 3, 4]);
  expect(numbers(batch!.tensors.segment_ids.data)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  expect(numbers(batch!.tensors.label_rows.data)).toEqual([0, 1, 7, 8]);
  expect(numbers(batch!.tensors.label_targets.data)).toEqual([11, 12, 23, 24]);
});

test('packing: segments with positions of their own, no label across them, pads go on with the last', () => {
  const examples = [exampleOf(3, 10), exampleOf(5, 20, 3), exampleOf(2, 30)];
  const [batch] = tokenBatches({ examples, batchSize: 2, sequenceLength: 7, packing: true });
  expect(batch).toMatchObject({ batch: 2, sequence: 7, tokens: 10 });
  expect(numbers(batch!.tensors.input_ids.data)).toEqual([
    10, 11, 12, 30, 31, 0, 0, 20, 21, 22, 23, 24, 0, 0,
  ]);
  expect(numbers(batch!.tensors.attention_mask.data)).toEqual([1, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 1, 0, 0]);
  expect(numbers(batch!.tensors.position_ids.data)).toEqual([0, 1, 2, 0, 1, 2, 3, 0, 1, 2, 3, 4, 5, 6]);
  expect(numbers(batch!.tensors.segment_ids.data)).toEqual([0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0]);
  expect(numbers(batch!.tensors.label_rows.data)).toEqual([0, 1, 3, 9, 10]);
  expect(numbers(batch!.tensors.label_targets.data)).toEqual([11, 12, 31, 23, 24]);
});

test('padTo', () => {
  const options = { examples: [exampleOf(3, 1), exampleOf(2, 1)], batchSize: 2, sequenceLength: 8 };
  expect([...tokenBatches({ ...options, packing: false, padTo: 'sequence' })][0]!.sequence).toBe(8);
  expect([...tokenBatches({ ...options, packing: true, padTo: 'longest' })][0]!.sequence).toBe(5);
});

const randomExamples = (seed: number, count: number, longest: number): Example[] => {
  const random = createRandom(seed);
  return Array.from({ length: count }, (_, index) => {
    const length = 1 + random.integer(longest);
    return exampleOf(length, 1000 * (index + 1), random.integer(length + 1), index);
  });
};

test('first fit: as searching the rows one by one', () => {
  for (let seed = 0; seed < 50; seed++) {
    const capacity = 5 + seed;
    const lengths = randomExamples(seed, 1 + 3 * seed, capacity).map(({ inputIds }) => inputIds.length);
    const slow: number[][] = [];
    const free: number[] = [];
    for (const [item, length] of lengths.entries()) {
      let row = free.findIndex((space) => space >= length);
      if (row === -1) row = free.push(capacity) - 1;
      free[row]! -= length;
      (slow[row] ??= []).push(item);
    }
    expect(packFirstFit(lengths, capacity)).toEqual(slow);
  }
  expect(packFirstFit([], 4)).toEqual([]);
});

test('every batch, packed or not, obeys its description', () => {
  for (let seed = 0; seed < 40; seed++) {
    const sequenceLength = 4 + (seed % 30);
    const examples = randomExamples(seed, 1 + seed, sequenceLength);
    for (const packing of [false, true]) {
      const batches = [
        ...tokenBatches({ examples, batchSize: 1 + (seed % 4), sequenceLength, packing, padId: 7 }),
      ];
      for (const batch of batches) checkBatch(batch);
      const tokens = examples.reduce((sum, { inputIds }) => sum + inputIds.length, 0);
      expect(batches.reduce((sum, batch) => sum + batch.tokens, 0)).toBe(tokens);
      const labels = examples.flatMap(({ inputIds, targets }) =>
        [...inputIds].filter((_, index) => index > 0 && targets[index] === 1),
      );
      const found = batches.flatMap((batch) => numbers(batch.tensors.label_targets.data));
      expect(found.sort((a, b) => a - b)).toEqual(labels.sort((a, b) => a - b));
    }
    for (const row of packExamples(examples, sequenceLength)) {
      expect(row.reduce((sum, { inputIds }) => sum + inputIds.length, 0)).toBeLessThanOrEqual(sequenceLength);
    }
  }
});

const checkBatch = (made: TokenBatch): void => {
  const {
    inputIds,
    attentionMask,
    positionIds,
    segmentIds,
    labelRows,
    labelTargets,
    batch,
    sequence,
    tokens,
  } = tokenFields(made);
  expect(
    [inputIds, attentionMask, positionIds, segmentIds].every((array) => array.length === batch * sequence),
  ).toBe(true);
  expect(numbers(attentionMask).reduce((sum, one) => sum + one, 0)).toBe(tokens);
  for (let at = 0; at < batch * sequence; at++) {
    if (at % sequence === 0) {
      expect([positionIds[at], segmentIds[at], attentionMask[at]]).toEqual([0n, 0n, 1n]);
      continue;
    }
    const sameSegment = segmentIds[at] === segmentIds[at - 1];
    expect(positionIds[at]).toBe(sameSegment ? positionIds[at - 1]! + 1n : 0n);
    if (!sameSegment) expect(segmentIds[at]).toBe(segmentIds[at - 1]! + 1n);
    if (attentionMask[at - 1] === 0n) expect(attentionMask[at]).toBe(0n);
    if (attentionMask[at] === 0n) expect([sameSegment, inputIds[at]]).toEqual([true, 7n]);
    else if (sameSegment) expect(inputIds[at]).toBe(inputIds[at - 1]! + 1n);
  }
  for (const [index, row] of numbers(labelRows).entries()) {
    expect(segmentIds[row + 1]).toBe(segmentIds[row]);
    expect((row + 1) % sequence).not.toBe(0);
    expect(attentionMask[row + 1]).toBe(1n);
    expect(inputIds[row + 1]).toBe(labelTargets[index]);
    if (index > 0) expect(labelRows[index]! > labelRows[index - 1]!).toBe(true);
  }
};

describe('the training stream', () => {
  const examples = randomExamples(5, 23, 16);
  const options = { examples, batchSize: 4, sequenceLength: 16, seed: 11 };

  test('gives every example once an epoch, in another order each time, and full batches always', () => {
    const stream = tokenStream({ ...options, packing: false });
    const firsts = (): string[] =>
      Array.from({ length: 23 }, () => stream.next()).flatMap((batch) => {
        expect(batch.batch).toBe(4);
        return Array.from({ length: 4 }, (_, row) =>
          String(batch.tensors.input_ids.data[row * batch.sequence]),
        );
      });
    const rows = firsts(); // 23 batches of 4 rows are 4 epochs of 23 examples
    const epochs = [0, 1, 2, 3].map((epoch) => rows.slice(23 * epoch, 23 * (epoch + 1)));
    const sorted = examples.map(({ inputIds }) => String(inputIds[0])).sort();
    for (const epoch of epochs) expect([...epoch].sort()).toEqual(sorted);
    expect(new Set(epochs.map((epoch) => epoch.join())).size).toBe(4);
    expect(stream.state()).toEqual({ seed: 11, examples: 23, epoch: 3, row: 23 });
  });

  test.each([false, true])(
    'is the same again for the same seed, and resumes exactly anywhere (packing: %s)',
    (packing) => {
      const whole = tokenStream({ ...options, packing });
      const other = tokenStream({ ...options, packing, seed: 12 });
      const first = whole.next();
      expect(tokenStream({ ...options, packing }).next()).toEqual(first);
      expect(other.next()).not.toEqual(first);
      for (let step = 0; step < 20; step++) {
        const state = JSON.parse(JSON.stringify(whole.state()));
        const resumed = tokenStream({ ...options, packing, state });
        expect(resumed.state()).toEqual(state);
        const next = whole.next();
        expect(resumed.next()).toEqual(next);
        expect(resumed.rowsPerEpoch()).toBe(whole.rowsPerEpoch());
      }
    },
  );

  test.each([
    [false, [4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 2]],
    [true, undefined],
  ])('ends after the epochs it is given, with every example once in each (packing: %s)', (packing, sizes) => {
    const stream = tokenStream({ ...options, packing, epochs: 2 });
    const batches = [...stream.take(3), ...stream.take(1000)];
    if (sizes) expect(batches.map(({ batch }) => batch)).toEqual(sizes);
    expect(batches.slice(0, -1).every(({ batch }) => batch === 4)).toBe(true);
    // An example's tokens are its first and those that follow.
    const firsts = new Set(examples.map(({ inputIds }) => inputIds[0]!));
    const seen = batches.flatMap(({ tensors }) =>
      numbers(tensors.input_ids.data).filter((id) => firsts.has(id)),
    );
    const once = [...firsts].sort((a, b) => a - b);
    for (const half of [seen.slice(0, 23), seen.slice(23)]) expect(half.sort((a, b) => a - b)).toEqual(once);
    expect(stream.take(1)).toEqual([]);
    expect(() => stream.next()).toThrow('the last of 2 epochs has ended');
    const ended = tokenStream({ ...options, packing, epochs: 2, state: stream.state() });
    expect(ended.take(1)).toEqual([]);
  });

  test('a batch may be larger than the data', () => {
    const stream = tokenStream({ ...options, examples: examples.slice(0, 1), packing: false });
    expect(stream.next().batch).toBe(4);
    expect(stream.state()).toMatchObject({ epoch: 3, row: 1 });
  });

  test('refuses a state of other data', () => {
    const state = { seed: 11, examples: 24, epoch: 0, row: 0 };
    expect(() => tokenStream({ ...options, packing: false, state })).toThrow(
      expect.objectContaining({
        code: 'conflict',
        message:
          "the checkpoint's data position was saved with 24 examples and seed 11, now there are 23 and seed 11",
      }),
    );
  });
});

test('evaluation keeps the last short batch', () => {
  const batches = [
    ...tokenBatches({
      examples: randomExamples(1, 7, 5),
      batchSize: 3,
      sequenceLength: 5,
      packing: false,
    }),
  ];
  expect(batches.map(({ batch }) => batch)).toEqual([3, 3, 1]);
});

test('options out of range', () => {
  const options = {
    examples: [exampleOf(5, 1, 0, 6)],
    batchSize: 1,
    sequenceLength: 8,
    packing: false,
    seed: 1,
  };
  expect(() => tokenStream({ ...options, examples: [] })).toThrow('there are no examples to make batches of');
  expect(() => tokenStream({ ...options, batchSize: 0 })).toThrow(
    'batch size: 0 is not a whole number of at least 1',
  );
  expect(() => tokenStream({ ...options, sequenceLength: 1 })).toThrow(
    'sequence length: 1 is not a whole number of at least 2',
  );
  expect(() => tokenStream({ ...options, sequenceLength: 4 })).toThrow(
    'row 7 of the data has 5 tokens, more than the sequence length of 4',
  );
});
