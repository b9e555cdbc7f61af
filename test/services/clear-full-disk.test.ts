import { existsSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { WorkbenchError } from '../../main/engine/errors.ts';
import type { Workbench } from '../../main/services/workbench.ts';
import { openProcessLock } from '../../main/locks/process-lock.ts';
import type { openDatabase } from '../../main/store/open-database.ts';
import { openQueueLock } from '../../main/store/queue-lock.ts';
import { openStore } from '../../main/store/store.ts';
import { openWorkLock } from '../../main/store/work-lock.ts';
import { createExperiment, createWorld, type World } from './test-world.ts';

const disk = vi.hoisted(() => ({ isFull: false, takesNoName: false }));
vi.mock('../../main/store/open-database.ts', async (importOriginal) => {
  const original = await importOriginal<{ openDatabase: typeof openDatabase }>();
  return {
    openDatabase: (directory: string) => {
      if (disk.isFull) throw new WorkbenchError('no-space', 'the disk is full');
      return original.openDatabase(directory);
    },
  };
});
vi.mock('../../main/store/queue-lock.ts', async (importOriginal) => {
  const original = await importOriginal<{ openQueueLock: typeof openQueueLock }>();
  return {
    openQueueLock: (directory: string) => {
      const lock = original.openQueueLock(directory);
      const acquire = (): boolean => {
        if (disk.takesNoName) throw new WorkbenchError('no-space', 'the disk is full');
        return lock.acquire();
      };
      const { acquireUnsigned, holder, close } = lock;
      return {
        acquire,
        acquireUnsigned,
        holder,
        close,
        get held() {
          return lock.held;
        },
      };
    },
  };
});

let world: World;
let dataDirectory: string;
let runId: string;
let viewing: Workbench;
beforeEach(async () => {
  Object.assign(disk, { isFull: false, takesNoName: false });
  world = createWorld();
  const workbench = world.open();
  await world.stock(workbench);
  ({ dataDirectory } = workbench);
  runId = (await createExperiment(workbench)).runs[0]!.id;
  await workbench.close({ graceMilliseconds: 0 });
  // As a workbench leaves it that died on the disk that filled up.
  const store = openStore(dataDirectory);
  store.runs.update(runId, { status: 'running' });
  store.close();
  write(`cache/awsvd/${'ab'.repeat(32)}.safetensors`);
  write('runs/0123456789ab/state');
  disk.isFull = true;
  viewing = world.open();
});
afterEach(async () => {
  await viewing.close();
  world.remove();
});

const write = (name: string): void => {
  const path = join(dataDirectory, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, 'state');
  const then = new Date(Date.now() - 3_600_000);
  for (const old of [path, join(path, '..')]) utimesSync(old, then, then);
};
const clear = (part: 'cache' | 'leftovers') => viewing.storage.clear({ part });

test('what a dead workbench ran keeps nobody from making room', async () => {
  expect(viewing.viewing).toContain('is on a disk that is full');
  expect(await clear('cache')).toEqual({ files: 1, bytes: 5 });
  expect(await clear('leftovers')).toEqual({ files: 1, bytes: 5 });
  expect(existsSync(join(dataDirectory, 'runs', '0123456789ab'))).toBe(false);
  // Held for that long only.
  const lock = openQueueLock(dataDirectory);
  expect(lock.acquire()).toBe(true);
  lock.close();
});

test('its trainer does, for as long as it is at work', async () => {
  mkdirSync(join(dataDirectory, 'runs', runId), { recursive: true });
  const trainer = openProcessLock(join(dataDirectory, 'runs', runId, 'trainer-lock.sqlite'));
  expect(trainer.acquire()).toBe(true);
  await expect(clear('cache')).rejects.toThrow(/may be reading these files/);
  trainer.close();
  expect(await clear('cache')).toEqual({ files: 1, bytes: 5 });
});

test('nothing is cleared beside a workbench that trains, or one that writes files', async () => {
  const queue = openQueueLock(dataDirectory);
  expect(queue.acquire()).toBe(true);
  await expect(clear('cache')).rejects.toThrow(/another NoRA Workbench \(process \d+\) works with/);
  queue.close();
  const work = openWorkLock(dataDirectory);
  expect(work.share()).toBe(true);
  await expect(clear('cache')).rejects.toThrow(/another NoRA Workbench imports, exports or backs up/);
  work.close();
  expect(await clear('cache')).toEqual({ files: 1, bytes: 5 });
});

test('a run that was made since is no leftover', async () => {
  disk.isFull = false;
  const store = openStore(dataDirectory);
  store.queue.pause('2026-01-02T03:04:05.000Z', false);
  store.close();
  await expect(clear('leftovers')).rejects.toThrow(/has been written to since it was opened/);
  expect(existsSync(join(dataDirectory, 'runs', '0123456789ab'))).toBe(true);
});

test('a library that still opens is cleared where the lock takes no name any more', async () => {
  await viewing.close();
  Object.assign(disk, { isFull: false, takesNoName: true });
  viewing = world.open();
  expect(viewing.viewing).toBeNull();
  expect(await clear('cache')).toEqual({ files: 1, bytes: 5 });
});

test('everything else is refused, with what to do', () => {
  expect(() => viewing.admit('runs.start')).toThrow(/is on a disk that is full: nothing can be started/);
  expect(() => viewing.admit('integrity.repair')).toThrow(WorkbenchError);
  viewing.admit('storage.clear');
});
