import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { givenToken, keptToken } from '../../main/api/token-file.ts';

let directory: string;
beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), 'nora-token-'))));
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const file = (): string => join(directory, 'session-token');

describe('the token of a data directory', () => {
  test('is made once', () => {
    const { token, replaced } = keptToken(directory);
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(replaced).toBeNull();
    expect(keptToken(directory)).toEqual({ token, replaced: null });
    expect(readdirSync(directory)).toEqual(['session-token']);
  });

  test.skipIf(process.platform === 'win32')('is its owner’s alone', () => {
    keptToken(directory);
    expect(statSync(file()).mode & 0o777).toBe(0o600);
  });

  test.skipIf(process.platform === 'win32').each([0o640, 0o604, 0o622])(
    'is another where others could get at it (%o)',
    (mode) => {
      const { token } = keptToken(directory);
      chmodSync(file(), mode);
      const again = keptToken(directory);
      expect(again.replaced).toBe(`${file()} could be read by others`);
      expect(again.token).not.toBe(token);
      expect(statSync(file()).mode & 0o777).toBe(0o600);
      expect(keptToken(directory)).toEqual({ token: again.token, replaced: null });
    },
  );

  test('is another where the file holds none, and where one is asked for', () => {
    writeFileSync(file(), 'short\n', { mode: 0o600 });
    const { token, replaced } = keptToken(directory);
    expect(replaced).toBe(`${file()} held no token`);
    expect(keptToken(directory, { makeNew: true }).token).not.toBe(token);
  });

  test('is refused where something else is in its place', () => {
    mkdirSync(file());
    expect(() => keptToken(directory)).toThrow(`${file()}: expected a file; take away what is there`);
  });
});

test.skipIf(process.platform === 'win32')(
  'a token in a file of one’s own is read, where others can’t',
  () => {
    writeFileSync(file(), 'a-token-for-tests-only\n', { mode: 0o600 });
    expect(givenToken(file())).toBe('a-token-for-tests-only');
    chmodSync(file(), 0o640);
    expect(() => givenToken(file())).toThrow(`${file()}: can be read by others; chmod 600 it`);
    expect(() => givenToken(join(directory, 'none'))).toThrow('none');
  },
);
