import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { builtFiles } from '../../main/shell/built-files.ts';
import { electronBinary } from '../../main/shell/electron-binary.ts';
import { activeJobs } from '../../main/services/active-jobs.ts';
import type { Store } from '../../main/store/store.ts';
import type { QueuedRun } from '../../main/services/shared/queue-entity.ts';

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
  const comparisons = { free: undefined, tuned: 'tuning', rested: 'paused' };
  const runs = Object.keys(comparisons).flatMap((where) =>
    ['created', 'queued', 'running', 'paused', 'completed', 'cancelling'].map((status) => ({
      id: `${where} ${status}`,
      comparisonId: comparisons[where as keyof typeof comparisons],
      status,
    })),
  );
  const withStatus =
    <Item extends { status: string }>(items: Item[]) =>
    (statuses: string | readonly string[]): Item[] =>
      items.filter(({ status }) => statuses.includes(status));
  const store = {
    runs: { withStatus: (statuses: readonly string[]) => withStatus(runs)(statuses).map(({ id }) => id) },
    comparisons: {
      withStatus: withStatus(
        ['created', 'tuning', 'scoring', 'paused', 'completed'].map((status) => ({ id: status, status })),
      ),
      ofRun: (id: string) => runs.find((run) => run.id === id)?.comparisonId,
    },
    exports: { withStatus: withStatus([{ status: 'running' }, { status: 'completed' }]) },
  };
  // Three runs, two comparisons with all their runs, three runs of one that is paused, an export.
  const queue = { pausedAt: null, running: [], jobs: [] };
  expect(activeJobs(store as unknown as Store, queue)).toBe(9);
  // Of a paused queue only what is at work already.
  const resting = { pausedAt: '2026-11-20T09:00:00.000Z', running: [{} as QueuedRun], jobs: [] };
  expect(activeJobs(store as unknown as Store, resting)).toBe(2);
});
