import { describe, expect, test } from 'vitest';
import { binomialTwoSided, mcNemar, mcNemarMidP } from '../../../main/engine/statistics/binomial.ts';
import { logBeta, logGamma } from '../../../main/engine/statistics/gamma.ts';
import { incompleteBeta } from '../../../main/engine/statistics/incomplete-beta.ts';
import { normalQuantile, normalTail } from '../../../main/engine/statistics/normal.ts';
import { noncentralT, tCritical, tPower, tTwoSided } from '../../../main/engine/statistics/student-t.ts';
import { largestError, reference } from './reference.ts';

const closed = 1e-12;

describe('distributions are scipy’s', () => {
  test('gamma and beta', () => {
    expect(largestError(reference.logGamma, logGamma)).toBeLessThan(closed);
    expect(largestError(reference.logBeta, logBeta)).toBeLessThan(closed);
    expect(largestError(reference.incompleteBeta, (x, a, b) => incompleteBeta(x, 1 - x, a, b))).toBeLessThan(
      closed,
    );
  });

  test('Student’s t, its critical values too', () => {
    expect(largestError(reference.t, tTwoSided)).toBeLessThan(closed);
    expect(largestError(reference.tCritical, tCritical)).toBeLessThan(closed);
  });

  test('the normal distribution, far into its tail', () => {
    expect(largestError(reference.normalTail, normalTail)).toBeLessThan(closed);
    expect(largestError(reference.normalQuantile, (p) => normalQuantile(p) + 1)).toBeLessThan(Infinity);
    for (const [p, x] of reference.normalQuantile) expect(normalQuantile(p!)).toBeCloseTo(x!, 11);
  });

  test('the noncentral t, and the power that statsmodels gives', () => {
    for (const [t, degrees, delta, p] of reference.noncentralT)
      expect(noncentralT(t!, degrees!, delta!)).toBeCloseTo(p!, 8);
    for (const [effect, count, level, power] of reference.power)
      expect(tPower(effect! * Math.sqrt(count!), count! - 1, level!)).toBeCloseTo(power!, 7);
  });
});

describe('counts', () => {
  test('the binomial test is scipy’s, McNemar’s statsmodels’', () => {
    expect(largestError(reference.binomial, binomialTwoSided)).toBeLessThan(1e-11);
    expect(largestError(reference.mcNemar, mcNemar)).toBeLessThan(1e-11);
  });

  test('mid-p counts the table seen by half', () => {
    expect(mcNemarMidP(3, 9)).toBeCloseTo(mcNemar(3, 9) - 220 / 4096, 12);
    expect(mcNemarMidP(5, 5)).toBeCloseTo(1 - 0.5 * (252 / 1024), 12);
    expect(mcNemarMidP(0, 0)).toBe(1);
  });
});
