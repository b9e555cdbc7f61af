import { describe, expect, test } from 'vitest';
import { createSessions } from '../../main/api/sessions.ts';

const token = 'a-token-for-tests-only';
const day = 24 * 60 * 60_000;

describe('a session of a browser', () => {
  test('has both halves, neither of which is the token', () => {
    const sessions = createSessions(token);
    const { cookie, pageKey } = sessions.open();
    expect(sessions.holds({ cookie, pageKey })).toBe(true);
    expect(`${cookie} ${pageKey}`).not.toContain(token);
    expect(cookie).not.toContain(pageKey);
    expect(sessions.open().cookie).not.toBe(cookie);
  });

  test('is worth nothing by half, or by halves of two', () => {
    const sessions = createSessions(token);
    const [one, other] = [sessions.open(), sessions.open()];
    for (const pageKey of ['', one.cookie, other.pageKey, `${one.pageKey}x`, one.pageKey.slice(0, -1)])
      expect(sessions.holds({ cookie: one.cookie, pageKey }), pageKey).toBe(false);
    const [id = ''] = one.cookie.split('.');
    for (const cookie of ['', id, `${id}.`, `${id}.${one.pageKey}`, other.cookie, `x${one.cookie}`])
      expect(sessions.holds({ cookie, pageKey: one.pageKey }), cookie).toBe(false);
  });

  test('outlasts the server, and ends with the token', () => {
    const session = createSessions(token).open();
    expect(createSessions(token).holds(session)).toBe(true);
    expect(createSessions('another-token-than-before').holds(session)).toBe(false);
  });

  test('ends after thirty days', () => {
    let now = Date.parse('2026-01-01');
    const sessions = createSessions(token, () => now);
    const session = sessions.open();
    now += 30 * day;
    expect(sessions.holds(session)).toBe(true);
    now += 1;
    expect(sessions.holds(session)).toBe(false);
  });
});
