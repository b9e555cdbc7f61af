import { timingSafeEqual } from 'node:crypto';
import { expect, test, vi } from 'vitest';
import { isSameSecret } from '../../main/api/same-secret.ts';

vi.mock('node:crypto', async (original) => {
  const crypto = await original<{ timingSafeEqual: typeof timingSafeEqual }>();
  return { ...crypto, timingSafeEqual: vi.fn(crypto.timingSafeEqual) };
});

test.each([
  ['the same', true],
  ['the same ', false],
  ['the sam', false],
  ['', false],
  ['the same'.padEnd(10_000), false],
])('%j, compared in the same time whatever it is: %s', (candidate, isSame) => {
  vi.mocked(timingSafeEqual).mockClear();
  expect(isSameSecret(candidate, 'the same')).toBe(isSame);
  const [[one, other] = []] = vi.mocked(timingSafeEqual).mock.calls;
  expect([one?.byteLength, other?.byteLength]).toEqual([32, 32]);
});
