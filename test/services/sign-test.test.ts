import { expect, it } from 'vitest';
import { signTest } from '../../main/services/generation/sign-test.ts';

// scipy.stats.binomtest(min(a, b), a + b).pvalue, SciPy 1.17
it.each([
  [1, 0, 1.0],
  [6, 0, 0.03125],
  [5, 5, 1.0],
  [12, 3, 0.03515625],
  [40, 25, 0.08168153394154003],
  [700, 612, 0.016278345620440816],
  [1500, 2, 0.0],
])("a sign test of %i against %i is SciPy's", (first, second, p) => {
  expect(signTest(first, second)).toBeCloseTo(p, 12);
  expect(signTest(second, first)).toBeCloseTo(p, 12);
});

it('says nothing without a decided vote', () => {
  expect(signTest(0, 0)).toBeNull();
});
