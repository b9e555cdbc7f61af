import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { builtFiles } from '../../main/shell/built-files.ts';
import { electronBinary } from '../../main/shell/electron-binary.ts';
import { activeJobs } from '../../main/shell/workbench.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nora-electron-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (path: string, text = ''): string => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
};

describe("Electron's binary", () => {
  test('is absent from a fresh package', () => {
    expect(electronBinary(folder, undefined)).toBeNull();
  });

  test('is where path.txt says', () => {
    write(join(folder, 'path.txt'), 'electron-x');
    expect(electronBinary(folder, undefined)).toBeNull();
    const binary = write(join(folder, 'dist/electron-x'));
    expect(electronBinary(folder, undefined)).toBe(binary);
  });

  test('may be a build of one’s own', () => {
    write(join(folder, 'path.txt'), 'electron-x');
    const binary = write(join(folder, 'own/electron-x'));
    expect(electronBinary(folder, join(folder, 'own'))).toBe(binary);
  });
});

test('the sample lies beside the asar of a packaged app', () => {
  const app = { getAppPath: () => '/app', isPackaged: false };
  expect(builtFiles(app, '/resources').sample).toBe(join('/app/main/sample'));
  expect(builtFiles({ ...app, isPackaged: true }, '/resources').sample).toBe(join('/resources/sample'));
});

test('jobs that are waiting or at work count as active', () => {
  const runs = ['created', 'queued', 'running', 'paused', 'completed', 'cancelling'].map((status) => ({
    status,
  }));
  const comparisons = ['created', 'tuning', 'scoring', 'paused', 'completed'].map((status) => ({
    id: status,
    status,
  }));
  const workbench = (pausedAt: string | null) => ({
    experiments: {
      list: () => [
        { comparisonId: null, runs },
        { comparisonId: 'tuning', runs },
        { comparisonId: 'paused', runs: [{ status: 'running' }] },
      ],
    },
    comparisons: { list: () => comparisons },
    exports: { list: () => [{ status: 'running' }] },
    queue: { show: () => ({ pausedAt, running: [{ runId: 'running' }], jobs: [{ name: 'scoring' }] }) },
  });
  const jobsOf = (pausedAt: string | null): number =>
    activeJobs(workbench(pausedAt) as unknown as Parameters<typeof activeJobs>[0]);
  // Three runs, two comparisons with all their runs, a run of one that is paused, an export.
  expect(jobsOf(null)).toBe(7);
  // What waits for a paused queue keeps nobody: what runs, what is scored, and the export are left.
  expect(jobsOf('2026-01-01T00:00:00.000Z')).toBe(3);
});
