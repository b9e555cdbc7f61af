import { expect, it } from 'vitest';
import { alignCurves, smooth } from '../../renderer/source/screens/experiments/curve-data.ts';

it('puts runs of different steps on one x', () => {
  const aligned = alignCurves(
    [
      {
        train: new Map([
          [2, 5],
          [1, 6],
        ]),
        heldOut: new Map([[0, 7]]),
      },
      { train: new Map([[4, 1]]), heldOut: new Map() },
    ],
    4,
  );
  expect(aligned.steps).toEqual([0, 1, 2, 4]);
  expect(aligned.columns[0]).toEqual([null, 6, 5, null]);
  expect(aligned.columns[2]).toEqual([7, null, null, null]);
  expect(aligned.columns[3]).toEqual([null, null, null, 1]);
});

it('smooths without pulling the first values to zero, and over gaps', () => {
  expect(smooth([3, null, 3, 3], 0.9)).toEqual(
    [3, null, 3, 3].map((value) => value && expect.closeTo(value, 12)),
  );
  // (0.5 · 4 · 0.5 + 0.5 · 1) / (1 - 0.25)
  expect(smooth([4, 1], 0.5)[1]).toBeCloseTo(2, 12);
});
