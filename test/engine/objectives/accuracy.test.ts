import { expect, test } from 'vitest';
import { countCorrect } from '../../../main/engine/objectives/accuracy.ts';

test('rows count whose largest logit is at the target, the first of equal ones', () => {
  const logits = Float32Array.of(0.1, 0.7, -1, 5, 4, 3, -3, -2, -1, 2, 2, 0);
  expect(countCorrect(logits, BigInt64Array.of(1n, 0n, 2n, 0n))).toBe(4);
  expect(countCorrect(logits, BigInt64Array.of(0n, 1n, 2n, 1n))).toBe(1);
});
