import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** A folder that goes away when the test file is done. */
export const temporaryDirectory = (): string => {
  const directory = mkdtempSync(join(tmpdir(), 'nora-test-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
};
