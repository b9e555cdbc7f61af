import { describe, expect, test } from 'vitest';
import { codeMinutes, createLoginCodes, makeLoginCode, newLoginKey } from '../../main/api/login-codes.ts';

const minute = 60_000;
const begin = Date.parse('2026-01-01');

const start = () => {
  const key = newLoginKey();
  const clock = { now: begin };
  return {
    key,
    clock,
    codes: createLoginCodes(key, () => clock.now),
    make: () => makeLoginCode(key, clock.now),
  };
};

describe('a code that signs in', () => {
  test('is good once', () => {
    const { codes, make } = start();
    const [one, other] = [make(), make()];
    expect(codes.use(one)).toBe('good');
    expect(codes.use(one)).toBe('used');
    expect(codes.use(other)).toBe('good');
  });

  test.each([-codeMinutes, codeMinutes])('is good to the minute: %i', (minutes) => {
    const { codes, make, clock } = start();
    const [kept, late] = [make(), make()];
    clock.now = begin + minutes * minute;
    expect(codes.use(kept)).toBe('good');
    clock.now += Math.sign(minutes);
    expect(codes.use(late)).toBe('expired');
    clock.now = begin;
    expect(codes.use(late)).toBe('used'); // a clock set back makes it no good again
  });

  test('of another server, or changed, is wrong', () => {
    const { codes, make } = start();
    const [issued = '', random = '', proof = ''] = make().split('.');
    for (const code of [
      '',
      '..',
      makeLoginCode(newLoginKey(), begin),
      `${issued}.${random}`,
      `${issued}.${random}.`,
      `${issued}.other.${proof}`,
      `${(begin + minute).toString(36)}.${random}.${proof}`,
    ])
      expect(codes.use(code), code).toBe('wrong');
  });

  test('is let in whatever others have tried: only what is wrong is turned away', () => {
    const { codes, make, clock } = start();
    for (let tries = 0; tries < 10; tries += 1) expect(codes.use('wrong')).toBe('wrong');
    expect(codes.use('wrong')).toBe('too-many');
    expect(codes.use(`${make()}x`)).toBe('too-many');
    expect(codes.use(make())).toBe('good');
    expect(codes.use('wrong')).toBe('too-many');
    clock.now += minute + 1;
    expect(codes.use('wrong')).toBe('wrong');
  });

  test('that is long is not looked at', () => {
    const { codes, make } = start();
    const [issued = '', random = '', proof = ''] = make().split('.');
    expect(codes.use(`${issued}.${random}.${proof}.${'x'.repeat(200)}`)).toBe('wrong');
    expect(codes.use(`${issued}.${random}.${proof}`)).toBe('good');
  });
});
