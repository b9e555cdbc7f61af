import { describe, expect, test } from 'vitest';
import {
  acceleratedInterval,
  pairedBootstrap,
  percentile,
} from '../../../main/engine/statistics/bootstrap.ts';
import { crossedEstimate, seedsEstimate } from '../../../main/engine/statistics/crossed.ts';
import {
  cohensDz,
  cohensH,
  effectWord,
  hedgesFactor,
  hedgesG,
} from '../../../main/engine/statistics/effect-size.ts';
import { equivalenceP, estimateInterval, estimateP } from '../../../main/engine/statistics/estimate-tests.ts';
import { holm } from '../../../main/engine/statistics/holm.ts';
import { mean } from '../../../main/engine/statistics/moments.ts';
import { signFlips } from '../../../main/engine/statistics/sign-flips.ts';
import { signedRank } from '../../../main/engine/statistics/signed-rank.ts';
import { largestError, reference, relativeError } from './reference.ts';

const differences = (first: readonly number[], second: readonly number[]): number[] =>
  first.map((value, index) => value - second[index]!);

describe('tests of means', () => {
  test('paired: scipy’s p, statsmodels’ interval and two one-sided tests', () => {
    for (const { first, second, p, low, high, equivalence, d_z } of reference.paired) {
      const estimate = seedsEstimate([{ sign: 1, scores: differences(first, second) }]);
      const interval = estimateInterval(estimate, 0.05);
      expect(relativeError(estimateP(estimate), p)).toBeLessThan(1e-11);
      expect(interval.low).toBeCloseTo(low, 10);
      expect(interval.high).toBeCloseTo(high, 10);
      expect(relativeError(equivalenceP(estimate, 1.5), equivalence)).toBeLessThan(1e-11);
      expect(cohensDz(differences(first, second))).toBeCloseTo(d_z, 11);
    }
  });

  test('unpaired: Welch’s', () => {
    for (const { first, second, p, degrees, low, high, g, factor } of reference.welch) {
      const estimate = seedsEstimate([
        { sign: 1, scores: first },
        { sign: -1, scores: second },
      ]);
      const interval = estimateInterval(estimate, 0.05);
      expect(relativeError(estimateP(estimate), p)).toBeLessThan(1e-11);
      expect(estimate.degrees).toBeCloseTo(degrees, 10);
      expect(interval.low).toBeCloseTo(low, 9);
      expect(interval.high).toBeCloseTo(high, 9);
      expect(hedgesG(first, second)).toBeCloseTo(g, 11);
      expect(hedgesFactor(first.length + second.length - 2)).toBeCloseTo(factor, 11);
    }
  });

  test('signed ranks: scipy’s exact and asymptotic ones; with ties the exact one counts all signs', () => {
    for (const { values, exact, approximate } of reference.signedRank) {
      if (exact !== null) expect(relativeError(signedRank(values).p, exact)).toBeLessThan(1e-11);
      expect(relativeError(signedRank(values, 0).p, approximate)).toBeLessThan(1e-11);
    }
    // Ranks 1.5, 1.5, 3, 4 with signs + + - +: a negative sum of at most 3 is met by {}, {a}, {b}, {a, b} and {3}: 5 of 16.
    expect(signedRank([1, 1, -2, 3]).p).toBe(10 / 16);
  });

  test('sign flips: scipy’s, where all signs are tried', () => {
    for (const { values, p } of reference.signFlips) expect(signFlips(values).p).toBeCloseTo(p, 12);
    expect(signFlips([1, 2, 3]).smallest).toBe(0.25);
    expect(signFlips([0, 0]).p).toBe(1);
  });

  test('sign flips drawn: close to all of them, never zero, the same again', () => {
    const values = Array.from({ length: 40 }, (_, index) => Math.sin(index * 7) + 0.25);
    const t = estimateP(seedsEstimate([{ sign: 1, scores: values }]));
    const drawn = signFlips(values, 3, 20_000);
    expect(drawn.exact).toBe(false);
    expect(drawn.p).toBeGreaterThan(t - 0.015);
    expect(drawn.p).toBeLessThan(t + 0.015);
    expect(signFlips(values, 3, 20_000)).toEqual(drawn);
    expect(
      signFlips(
        Array.from({ length: 60 }, () => 1),
        0,
        99,
      ).p,
    ).toBe(0.01);
  });

  test('Holm’s correction is statsmodels’', () => {
    for (const { values, adjusted } of reference.holm)
      for (const [index, value] of holm(values).entries()) expect(value).toBeCloseTo(adjusted[index]!, 13);
    expect(holm([])).toEqual([]);
  });

  test('effect sizes', () => {
    expect(largestError(reference.cohensH, cohensH)).toBeLessThan(1e-12);
    expect(hedgesFactor(2)).toBeCloseTo(0.5642, 4);
    expect([0.1, -0.2, 0.6, -2].map(effectWord)).toEqual(['negligible', 'small', 'medium', 'large']);
  });
});

describe('means over seeds and items', () => {
  const ones = (count: number): number[] => new Array<number>(count).fill(1);

  test('the parts are the mean squares of statsmodels’ analysis of variance', () => {
    for (const { rows, mean: center, seeds, items, residual } of reference.crossed) {
      const estimate = crossedEstimate([
        { share: 1, weights: ones(rows[0]!.length), blocks: [{ sign: 1, rows }] },
      ]);
      expect(estimate.mean).toBeCloseTo(center, 12);
      expect(relativeError(estimate.seedPart, seeds)).toBeLessThan(1e-11);
      expect(estimate.residualPart).toBeCloseTo(residual, 12);
      expect(estimate.itemPart).toBeCloseTo(Math.max(0, items - residual), 12);
      expect(estimate.error ** 2).toBeCloseTo(seeds + Math.max(0, items - residual), 12);
    }
  });

  test('with no difference between items it is the t test over seeds', () => {
    const scores = [0.3, 0.1, 0.4];
    const rows = scores.map((score) => ones(50).map(() => score));
    const estimate = crossedEstimate([{ share: 1, weights: ones(50), blocks: [{ sign: 1, rows }] }]);
    const overSeeds = seedsEstimate([{ sign: 1, scores }]);
    expect(estimateP(estimate)).toBeCloseTo(estimateP(overSeeds), 10);
  });

  test('with one seed it is the t test over items', () => {
    const row = [0.3, -0.1, 0.4, 0.9, 0.2];
    const estimate = crossedEstimate([{ share: 1, weights: ones(5), blocks: [{ sign: 1, rows: [row] }] }]);
    expect(estimateP(estimate)).toBeCloseTo(estimateP(seedsEstimate([{ sign: 1, scores: row }])), 12);
    expect(estimate.degrees).toBeCloseTo(4, 12);
  });

  test('weights: whole ones are as many equal items, in the mean', () => {
    const rows = [
      [1, 4, 2],
      [2, 3, 5],
    ];
    const weighted = crossedEstimate([{ share: 1, weights: [2, 1, 3], blocks: [{ sign: 1, rows }] }]);
    expect(weighted.mean).toBeCloseTo((12 / 6 + 22 / 6) / 2, 12);
    // The variance of a ratio by its residuals: sum (w (x - M))^2 / (m (m - 1) mean w ^2), of the seeds' means.
    const center = weighted.mean;
    const residuals = [1.5, 3.5, 3.5].map((value, item) => [2, 1, 3][item]! * (value - center));
    const items = residuals.reduce((sum, value) => sum + value ** 2, 0) / (3 * 2 * 4);
    expect(weighted.itemPart + weighted.residualPart).toBeCloseTo(Math.max(items, weighted.residualPart), 12);
  });

  test('two tasks of equal items are one task of both', () => {
    const [one, other] = [
      [
        [1, 2, 5],
        [0, 2, 3],
        [1, 1, 1],
      ],
      [
        [0, 3, 2],
        [1, 1, 4],
        [0, 2, 0],
      ],
    ];
    const stratum = (rows: number[][]) => ({
      share: 0.5,
      weights: ones(3),
      blocks: [{ sign: 1 as const, rows }],
    });
    const estimate = crossedEstimate([stratum(one), stratum(other)]);
    const means = one.map((row, seed) => (mean(row) + mean(other[seed]!)) / 2);
    expect(estimate.mean).toBeCloseTo(mean(means), 12);
    expect(estimate.seedPart).toBeCloseTo(seedsEstimate([{ sign: 1, scores: means }]).seedPart, 12);
  });
});

describe('the bootstrap', () => {
  test('both intervals are scipy’s for the same resamples', () => {
    const { sample, drawn, acceleration, accelerated, percentile: plain } = reference.bootstrap;
    const interval = acceleratedInterval(drawn, mean(sample), acceleration, 0.05);
    expect(interval.low).toBeCloseTo(accelerated[0], 11);
    expect(interval.high).toBeCloseTo(accelerated[1], 11);
    expect(percentile(drawn, 0.025)).toBeCloseTo(plain[0], 12);
    expect(percentile(drawn, 0.975)).toBeCloseTo(plain[1], 12);
  });

  test('over items of one seed it is close to the t; over seeds and items it is the same again', () => {
    const row = Array.from({ length: 200 }, (_, index) => Math.sin(index * 1.7) + 0.2);
    const weights = row.map(() => 1);
    const { percentile: interval } = pairedBootstrap([{ share: 1, weights, rows: [row] }], 0.05);
    const t = estimateInterval(seedsEstimate([{ sign: 1, scores: row }]), 0.05);
    expect(Math.abs(interval.low - t.low)).toBeLessThan(0.02);
    expect(Math.abs(interval.high - t.high)).toBeLessThan(0.02);
    const strata = [{ share: 1, weights, rows: [row, row.map((value) => value + 0.1)] }];
    expect(pairedBootstrap(strata, 0.05, 4, 200)).toEqual(pairedBootstrap(strata, 0.05, 4, 200));
  });
});
