import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { privateTemporaryFolder } from '../../../main/engine/formats/private-folder.ts';

let shared: string;
beforeEach(() => {
  shared = mkdtempSync(join(tmpdir(), 'nora-shared-'));
  vi.stubEnv('TMPDIR', shared);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(shared, { recursive: true, force: true });
});

it.skipIf(process.platform === 'win32')('is nobody else’s to write to, and is found again', () => {
  const path = privateTemporaryFolder('weights');
  expect(path).toBe(join(shared, `weights-${process.getuid!()}`));
  expect(statSync(path).mode & 0o777).toBe(0o700);
  expect(privateTemporaryFolder('weights')).toBe(path);
});

it.skipIf(process.platform === 'win32').each([
  ['a link', (path: string) => symlinkSync(tmpdir(), path)],
  [
    'a folder that others may write to',
    (path: string) => {
      mkdirSync(path);
      chmodSync(path, 0o777);
    },
  ],
])('refuses %s that somebody has put there', (_, put) => {
  const path = join(shared, `weights-${process.getuid!()}`);
  put(path);
  expect(() => privateTemporaryFolder('weights')).toThrow(`${path}: is not a folder of this user alone`);
});
