import { describe, expect, test } from 'vitest';
import { cutAt, lengthAt, lengthBins, placeAmong } from '../../renderer/source/format/lengths.ts';

/** Of ten rows. */
const lengths: [number, number][] = [
  [3, 2],
  [10, 5],
  [40, 2],
  [200, 1],
];
const found = {
  rows: 10,
  measured: 10,
  lengths,
  learntFrom: [
    [0, 1],
    [5, 6],
    [50, 3],
  ] as [number, number][],
};

describe('lengths of rows', () => {
  test.each([
    [0.5, 10],
    [0.7, 10],
    [0.71, 40],
    [0.95, 200],
    [1, 200],
    [0, 3],
  ])('%d of the rows are no longer than %i', (share, length) =>
    expect(lengthAt(lengths, share)).toBe(length),
  );

  test.each([
    [200, { cut: 0, leftOut: 1 }],
    [49, { cut: 1, leftOut: 4 }],
    [10, { cut: 3, leftOut: 4 }],
    [4, { cut: 8, leftOut: 10 }],
  ])('cut at %i', (limit, expected) => expect(cutAt(found, limit)).toEqual(expected));

  test('stand in bins of one width, the longest in the last', () => {
    const bins = lengthBins(lengths, 30);
    // 99 of 100 rows are all rows here, so 200 tokens are shown, in widths of 10 tokens.
    expect(bins).toHaveLength(20);
    expect(bins.filter(({ rows }) => rows > 0)).toEqual([
      { from: 0, to: 10, rows: 7 },
      { from: 31, to: 40, rows: 2 },
      { from: 191, to: 200, rows: 1 },
    ]);
    expect(placeAmong(bins, 30)).toBe(3);
    expect(placeAmong(bins, 1000)).toBe(20);

    const many: [number, number][] = [
      [10, 999],
      [5000, 1],
    ];
    const few = lengthBins(many, 20);
    expect(few.reduce((sum, { rows }) => sum + rows, 0)).toBe(1000);
    expect(few.at(-1)).toEqual({ from: 22, to: 5000, rows: 1 });
    expect(lengthBins([], 30)).toEqual([]);
  });
});
