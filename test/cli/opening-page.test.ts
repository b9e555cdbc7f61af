import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { removeOpeningPage, writeOpeningPage } from '../../main/cli/opening-page.ts';

test('the page that opens the workbench is its owner’s alone, and goes', () => {
  const directory = mkdtempSync(join(tmpdir(), 'nora-opening-'));
  const url = 'http://127.0.0.1:7860/?code=a.b.c';
  const file = writeOpeningPage(directory, url);
  expect(file).not.toContain('code');
  expect(readFileSync(file, 'utf8')).toContain(`content="0; url=${url}"`);
  if (process.platform !== 'win32') {
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(file)).mode & 0o777).toBe(0o700);
  }
  expect(writeOpeningPage(directory, `${url}d`)).toBe(file); // one that a killed server left
  expect(readFileSync(file, 'utf8')).toContain(`${url}d`);
  removeOpeningPage(directory);
  expect(existsSync(dirname(file))).toBe(false);
  removeOpeningPage(directory);
  rmSync(directory, { recursive: true });
});
