import { describe, expect, it } from 'vitest';
import { formBatches } from '../../../main/engine/scoring/likelihood/form-batches.ts';
import { formRows } from '../../../main/engine/scoring/likelihood/form-rows.ts';
import type { ScoredUnit } from '../../../main/engine/scoring/likelihood/scored-sequence.ts';
import { growTree } from '../../../main/engine/scoring/likelihood/token-tree.ts';
import { assembleTrees } from '../../../main/engine/scoring/likelihood/tree-batch.ts';

const sequence = (...ids: number[]) => ({
  inputIds: Int32Array.from(ids),
  targets: new Uint8Array(ids.length),
  sourceRow: 0,
  scored: [{ token: ids.length - 1, target: 9 }],
});

const unit = (item: number, ...sequences: number[][]): ScoredUnit<number> => ({
  item,
  sequences: sequences.map((ids) => sequence(...ids)),
  judge: () => item,
});

const treeOf = (...sequences: number[][]) => {
  const tree = growTree();
  for (const ids of sequences) tree.add(sequence(...ids));
  return tree.build();
};

const options = { tokensAtMost: 100, hiddenSize: 64, causal: true };

describe('sequences that begin alike', () => {
  const { tokens, places } = treeOf([1, 2, 3, 4], [1, 2, 5], [1, 2], [1, 2, 3, 6, 7], [8]);

  it('stand in a row with their beginning once, each token at its place of the text', () => {
    expect(tokens.map(({ id }) => id)).toEqual([1, 2, 3, 4, 6, 7, 5, 8]);
    expect(tokens.map(({ position }) => position)).toEqual([0, 1, 2, 3, 3, 4, 2, 0]);
    expect(places).toEqual([[0, 1, 2, 3], [0, 1, 6], [0, 1], [0, 1, 2, 4, 5], [7]]);
  });

  it('let each token see those that it follows, and no others', () => {
    const seen = tokens.map((query) =>
      tokens.flatMap((key, place) =>
        key.segment <= query.segment && query.segment <= key.lastSegment && key.position <= query.position
          ? [place]
          : [],
      ),
    );
    expect(seen).toEqual([
      [0],
      [0, 1],
      [0, 1, 2],
      [0, 1, 2, 3],
      [0, 1, 2, 4],
      [0, 1, 2, 4, 5],
      [0, 1, 6],
      [7],
    ]);
  });

  it('are long texts too', () => {
    const long = Array.from({ length: 50_000 }, (_, at) => at);
    expect(treeOf(long, [...long, 1]).tokens).toHaveLength(50_001);
  });
});

describe('rows', () => {
  it('hold choices with their question, and more questions where these begin alike', () => {
    const examples = Array.from({ length: 20 }, (_, at) => 100 + at);
    const units = [
      unit(0, [...examples, 1, 2], [...examples, 1, 3]),
      unit(1, [...examples, 4, 2], [...examples, 4, 3]),
      unit(2, [5, 6, 7], [5, 6, 8]),
      unit(3, [7, 6], [8, 6]),
    ];
    const rows = formRows(units, options);
    expect(rows.map(({ entries }) => entries.map((each) => [each.unit.item, each.index]))).toEqual([
      [
        [0, 0],
        [0, 1],
        [1, 0],
        [1, 1],
      ],
      [
        [2, 0],
        [2, 1],
      ],
      [[3, 0]],
      [[3, 1]],
    ]);
    expect(rows.map(({ tree }) => tree.tokens.length)).toEqual([26, 4, 2, 2]);
  });

  it('hold one sequence each where a token sees what follows it, or where no more fit', () => {
    const units = [unit(0, [1, 2, 3], [1, 2, 4])];
    expect(formRows(units, { ...options, causal: false })).toHaveLength(2);
    expect(formRows(units, { ...options, tokensAtMost: 3 })).toHaveLength(2);
  });

  it('make batches of so many tokens, the longest first', () => {
    const lengths = [3, 9, 5, 4, 20, 2];
    const units = lengths.map((length, at) =>
      unit(
        at,
        Array.from({ length }, (_, place) => 10 * at + place),
      ),
    );
    const batches = formBatches(units, { ...options, tokensAtMost: 18 });
    expect(batches.map((batch) => batch.map(({ tree }) => tree.tokens.length))).toEqual([
      [20],
      [9, 5],
      [4, 3, 2],
    ]);
  });
});

describe('a batch of rows', () => {
  const rows = [
    [sequence(1, 2, 3), sequence(1, 2, 4), sequence(1, 2)],
    [sequence(5), sequence(5)],
  ].map((sequences) => ({
    sequences,
    tree: treeOf(...sequences.map(({ inputIds }) => [...inputIds])),
  }));
  const { batch, scoredRows } = assembleTrees(rows, 99);
  const numbers = (name: string) => Array.from(batch.tensors[name]!.data, Number);

  it('is padded behind, at the place of the last token', () => {
    expect(numbers('input_ids')).toEqual([1, 2, 3, 4, 5, 99, 99, 99]);
    expect(numbers('attention_mask')).toEqual([1, 1, 1, 1, 1, 0, 0, 0]);
    expect(numbers('position_ids')).toEqual([0, 1, 2, 2, 0, 0, 0, 0]);
    expect(numbers('segment_ids')).toEqual([0, 0, 1, 2, 0, 0, 0, 0]);
    expect(numbers('last_segments')).toEqual([2, 2, 1, 2, 0, 0, 0, 0]);
  });

  it('scores once what several ask', () => {
    expect(numbers('label_rows')).toEqual([2, 3, 1, 4]);
    expect(scoredRows).toEqual([
      [[0], [1], [2]],
      [[3], [3]],
    ]);
  });
});
