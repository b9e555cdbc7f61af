import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Workbench } from '../../main/services/workbench.ts';
import { createExperiment, createWorld, endCompleted } from './test-world.ts';
import type { World } from './test-world.ts';

let world: World;
let workbench: Workbench;
let runId: string;
beforeEach(async () => {
  world = createWorld();
  workbench = world.open();
  await world.stock(workbench);
  runId = createExperiment(workbench).runs[0]!.id;
});
afterEach(async () => {
  await workbench.close({ graceMilliseconds: 0 });
  world.remove();
});

const write = (path: string, bytes: number): void => {
  const file = join(workbench.dataDirectory, path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, Buffer.alloc(bytes));
};
const sizes = async (): Promise<Record<string, { files: number; bytes: number }>> => {
  const { parts } = await workbench.storage.show();
  return Object.fromEntries(parts.map(({ name, files, bytes }) => [name, { files, bytes }]));
};

test('every file counts in one part, and what a link leads to in none', async () => {
  write('cache/awsvd/one', 1000);
  write('cache/base/two', 24);
  write(`runs/${runId}/checkpoint/state`, 500);
  write('runs/0123456789ab/state', 300);
  write('exports/mine/model', 7);
  write('adapters/theirs/adapter', 9);
  write('notes.txt', 3);
  write('runs/my backup/state', 4);
  symlinkSync(world.path('tiny'), join(workbench.dataDirectory, 'exports', 'link'));
  const { library, exports, ...others } = await sizes();
  expect(others).toEqual({
    cache: { files: 2, bytes: 1024 },
    runs: { files: 1, bytes: 500 },
    leftovers: { files: 1, bytes: 300 },
    adapters: { files: 1, bytes: 9 },
    other: { files: 2, bytes: 7 },
  });
  expect(exports!.files).toBe(2);
  expect(exports!.bytes).toBeLessThan(1000);
  expect(library!.bytes).toBeGreaterThan(4096);
});

test('clearing removes that part and nothing else', async () => {
  write('cache/awsvd/one', 1000);
  write(`runs/${runId}/checkpoint/state`, 500);
  write('runs/0123456789ab/state', 300);
  write('runs/my backup/state', 4);
  expect(await workbench.storage.clear({ part: 'leftovers' })).toEqual({ files: 1, bytes: 300 });
  expect(existsSync(join(workbench.dataDirectory, 'runs', '0123456789ab'))).toBe(false);
  expect(existsSync(join(workbench.dataDirectory, 'runs', 'my backup', 'state'))).toBe(true);
  expect(await workbench.storage.clear({ part: 'cache' })).toEqual({ files: 1, bytes: 1000 });
  expect(await sizes()).toMatchObject({
    cache: { files: 0, bytes: 0 },
    leftovers: { files: 0, bytes: 0 },
    runs: { files: 1, bytes: 500 },
  });
});

test('nothing is cleared under a run', async () => {
  write('cache/awsvd/one', 1000);
  workbench.runs.start({ id: runId });
  const trainer = await world.trainers.nth(0);
  await expect(workbench.storage.clear({ part: 'cache' })).rejects.toThrow(/may be reading these files/);
  expect((await sizes())['cache']!.bytes).toBe(1000);
  endCompleted(trainer);
  await workbench.waitForRun(runId);
  await workbench.storage.clear({ part: 'cache' });
});

test('the report for somebody who helps tells of failures, not of what is private', async () => {
  workbench.runs.start({ id: runId });
  const trainer = await world.trainers.nth(0);
  trainer.end({ type: 'failed', code: 'invalid-input', message: `${homedir()}/data.jsonl: line 3: no text` });
  await workbench.waitForRun(runId);
  const { text } = await workbench.app.report();
  expect(text).toContain('~/data.jsonl: line 3: no text');
  expect(text).toContain('lora, failed before its first step');
  expect(text).toMatch(/- SQLite: ok, 3\./);
  expect(text).toMatch(/- library: \d+ files/);
  expect(text).not.toContain(homedir());
  expect(text).not.toContain(workbench.runs.show({ id: runId }).configuration.name);
});
