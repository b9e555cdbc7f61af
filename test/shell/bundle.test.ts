import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const data = mkdtempSync(join(tmpdir(), 'nora-bundle-'));
afterAll(() => rmSync(data, { recursive: true, force: true }));

/** Needs `electron-vite build`, which test/run.ts does. */
test('the built app serves its page, trains in the built trainer, and ends', () => {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [join(import.meta.dirname, 'bundle-driver.ts')],
    {
      encoding: 'utf8',
      timeout: 120_000,
      env: { ...process.env, NORA_DATA_DIR: data, NODE_OPTIONS: '' },
    },
  );
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toEqual({
    page: 200,
    models: ['sample'],
    runs: [{ status: 'completed', error: null, step: 2 }],
  });
  expect(status).toBe(0);
}, 120_000);
