import { describe, expect, it } from 'vitest';
import {
  bestEvaluation,
  evaluationsWithoutImprovement,
  stopsEarly,
} from '../../../main/engine/train/settings/early-stopping.ts';

const evaluations = (losses: readonly number[]) =>
  losses.map((loss, index) => ({ step: 10 * (index + 1), loss, accuracy: null }));

describe('early stopping', () => {
  it.each([
    // Losses and, after each, how many evaluations have brought nothing since the last improvement.
    ['a fall', 0, [3, 2, 1], [0, 0, 0]],
    ['a fall and a rise', 0, [3, 2, 2.5, 2.2, 1.9, 4], [0, 0, 1, 2, 0, 1]],
    ['the same again', 0, [2, 2, 2], [0, 1, 2]],
    ['falls that are too small', 0.5, [3, 2.75, 2.51], [0, 1, 2]],
    ['a fall of just enough', 0.5, [3, 2.5], [0, 0]],
    ['small falls that add up', 0.5, [3, 2.75, 2.5, 2.25, 2], [0, 1, 0, 1, 0]],
    // The lowest was no improvement, so what follows is not measured against it.
    ['a fall after one that did not count', 0.5, [3, 2.75, 2.5], [0, 1, 0]],
  ])('%s', (_, minDelta, losses, expected) => {
    const since = losses.map((_loss, index) =>
      evaluationsWithoutImprovement(evaluations(losses.slice(0, index + 1)), { minDelta }),
    );
    expect(since).toEqual(expected);
  });

  it('comes with patience', () => {
    const losses = evaluations([3, 2, 2.5, 2.2, 2.1]);
    const stopsAfter = (patience: number): boolean[] =>
      losses.map((_, index) => stopsEarly(losses.slice(0, index + 1), { patience, minDelta: 0 }));
    expect(stopsAfter(1)).toEqual([false, false, true, true, true]);
    expect(stopsAfter(3)).toEqual([false, false, false, false, true]);
    expect(stopsAfter(4)).toEqual([false, false, false, false, false]);
    expect(stopsEarly(losses, null)).toBe(false);
    expect(stopsEarly([], { patience: 1, minDelta: 0 })).toBe(false);
  });
});

it('the best evaluation has the lowest loss, and is the earliest of equals', () => {
  expect(bestEvaluation([])).toBeUndefined();
  expect(bestEvaluation(evaluations([3, 2, 2.5, 2]))).toEqual({ step: 20, loss: 2, accuracy: null });
});
