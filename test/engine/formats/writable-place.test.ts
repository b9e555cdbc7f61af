import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { assertWritablePlace } from '../../../main/engine/formats/writable-place.ts';
import { skipTitle } from '../../support/skip-reason.ts';

const folder = mkdtempSync(join(tmpdir(), 'nora-writable-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a folder that is there, and one that has to be made, with those that it lies in', () => {
  assertWritablePlace(folder);
  assertWritablePlace(join(folder, 'new', 'inner'));
});

test('a file in the way is named', () => {
  writeFileSync(join(folder, 'file'), '');
  expect(() => assertWritablePlace(join(folder, 'file', 'inner'))).toThrow(
    `${join(folder, 'file')}: is a file, not a folder to write into`,
  );
});

const title = 'no permission is told of the folder that lacks it';
const refusesNothing = process.platform === 'win32' || process.getuid?.() === 0;
if (refusesNothing)
  test.skip(skipTitle(title, 'an ordinary user', 'the system refuses this one nothing'), () => undefined);
else
  test(title, () => {
    const shut = join(folder, 'shut');
    mkdirSync(shut);
    chmodSync(shut, 0o555);
    expect(() => assertWritablePlace(join(shut, 'inner'))).toThrow(`${shut}: no permission to write`);
    chmodSync(shut, 0o755);
  });
