import { existsSync, mkdirSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openWorkLock } from '../../main/store/work-lock.ts';
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
  runId = (await createExperiment(workbench)).runs[0]!.id;
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
/** As if nothing in it had been written for so many minutes. */
const age = (path: string, minutes: number): void => {
  const then = new Date(Date.now() - minutes * 60_000);
  const whole = join(workbench.dataDirectory, path);
  for (const name of readdirSync(whole, { recursive: true }) as string[])
    utimesSync(join(whole, name), then, then);
  utimesSync(whole, then, then);
};
const sizes = async (): Promise<Record<string, { files: number; bytes: number }>> => {
  const { parts } = await workbench.storage.show();
  return Object.fromEntries(parts.map(({ name, files, bytes }) => [name, { files, bytes }]));
};

/** By the name that it has in a cache. */
const answer = `cache/awsvd/${'ab'.repeat(32)}.safetensors`;

test('every file counts in one part, and what a link leads to in none', async () => {
  write(answer, 1000);
  write('cache/base-two.safetensors', 24);
  write('backups/workbench-v3-2026-01-01T00-00-00.sqlite', 11);
  write('cache/.base-three.safetensors.0123456789ab.partial', 5);
  write(`runs/${runId}/checkpoints/.step-00000005.0123456789ab.partial/state`, 6);
  write('adapters/0123456789ab/adapter', 8);
  write(`runs/${runId}/checkpoint/state`, 500);
  write('runs/0123456789ab/state', 300);
  write('exports/mine/model', 7);
  write('adapters/theirs/adapter', 9);
  write('notes.txt', 3);
  write('runs/my backup/state', 4);
  symlinkSync(world.path('tiny'), join(workbench.dataDirectory, 'exports', 'link'));
  const { library, exports, ...others } = await sizes();
  expect(others).toEqual({
    bases: { files: 1, bytes: 24 },
    cache: { files: 1, bytes: 1000 },
    copies: { files: 1, bytes: 11 },
    runs: { files: 1, bytes: 500 },
    leftovers: { files: 4, bytes: 319 },
    adapters: { files: 1, bytes: 9 },
    other: { files: 2, bytes: 7 },
  });
  expect(exports!.files).toBe(2);
  expect(exports!.bytes).toBeLessThan(1000);
  expect(library!.bytes).toBeGreaterThan(4096);
});

test('clearing removes that part and nothing else', async () => {
  write(answer, 1000);
  write(`runs/${runId}/checkpoint/state`, 500);
  write('runs/0123456789ab/state', 300);
  write('runs/my backup/state', 4);
  // Somebody may be writing it.
  expect(await workbench.storage.clear({ part: 'leftovers' })).toEqual({ files: 0, bytes: 0 });
  age('runs/0123456789ab', 2);
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

test('what is cleared right after opening waits for the sweep of it', async () => {
  await workbench.close({ graceMilliseconds: 0 });
  workbench = world.open();
  write(answer, 1000);
  expect(await workbench.storage.clear({ part: 'cache' })).toEqual({ files: 1, bytes: 1000 });
});

test('nothing is cleared under a run', async () => {
  write(answer, 1000);
  workbench.runs.start({ id: runId });
  const trainer = await world.trainers.nth(0);
  await expect(workbench.storage.clear({ part: 'cache' })).rejects.toThrow(/may be reading these files/);
  expect((await sizes())['cache']!.bytes).toBe(1000);
  endCompleted(trainer);
  await workbench.waitForRun(runId);
  await workbench.storage.clear({ part: 'cache' });
});

describe('nothing is cleared or repaired', () => {
  const refusing = async (what: string): Promise<void> => {
    await expect(workbench.storage.clear({ part: 'leftovers' })).rejects.toThrow(
      `${what}: wait until that is done`,
    );
    await expect(workbench.integrity.repair({ ids: ['1'] })).rejects.toThrow(
      `${what}: wait until that is done`,
    );
  };
  /** Something that can be repaired: the check has found it. */
  beforeEach(async () => {
    write('.gone.0123456789ab.partial/state', 10);
    age('.gone.0123456789ab.partial', 5);
    workbench.integrity.check();
    expect((await workbench.waitForIntegrity()).findings).toHaveLength(1);
  });

  test('under an export', async () => {
    workbench.runs.start({ id: runId });
    endCompleted(await world.trainers.nth(0));
    await workbench.waitForRun(runId);
    const { id } = await workbench.exports.create({ runId, kind: 'merged' });
    await refusing('an export is being written');
    (await world.trainers.nth(1)).end({ type: 'failed', code: 'no-space', message: 'full' });
    await workbench.waitForExport(id);
    // Its process ends a moment later.
    await vi.waitFor(async () =>
      expect(await workbench.storage.clear({ part: 'leftovers' })).toEqual({ files: 1, bytes: 10 }),
    );
  });

  test('under an import of an adapter', async () => {
    const importing = workbench.adapters.import({ directory: world.path('tiny'), modelId: 'tiny' });
    const trainer = await world.trainers.nth(0);
    await refusing('an adapter is being imported');
    trainer.end({ type: 'failed', code: 'invalid-input', message: 'no adapter' });
    await expect(importing).rejects.toThrow('no adapter');
    await workbench.storage.clear({ part: 'leftovers' });
  });

  test('under a backup', async () => {
    const refusals: Promise<void>[] = [];
    const stopWatching = workbench.subscribe(({ name }) => {
      if (name === 'backups.progress' && refusals.length === 0)
        refusals.push(refusing('a backup is being written'));
    });
    await workbench.backups.create({ targetPath: world.path('saved.tar') });
    stopWatching();
    expect(refusals).toHaveLength(1);
    await refusals[0];
    await workbench.integrity.repair({ ids: ['1'] });
    // What comes meanwhile waits for it.
    await workbench.backups.create({ targetPath: world.path('after.tar') });
    expect((await workbench.waitForIntegrity()).findings).toEqual([]);
  });
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

describe('what somebody began and never finished', () => {
  const partial = (name: string): string => `.${name}.0123456789ab.partial`;
  const reopen = async (): Promise<void> => {
    await workbench.close({ graceMilliseconds: 0 });
    workbench = world.open();
  };
  const isThere = (path: string): boolean => existsSync(join(workbench.dataDirectory, path));

  test('is removed when the workbench opens, once nobody can be writing it', async () => {
    const dead = [`runs/${runId}/checkpoints/${partial('step-00000005')}`, `adapters/${partial('one')}`];
    const young = `cache/${partial('base-one.safetensors')}`;
    const foreign = 'exports/.mine.partial';
    for (const path of [...dead, young, foreign]) write(`${path}/state`, 10);
    for (const path of dead) age(path, 61);
    await reopen();
    await vi.waitFor(() => expect(dead.map(isThere)).toEqual([false, false]));
    expect([young, foreign].map(isThere)).toEqual([true, true]);
  });

  test('is removed beside an export, where a person wanted it', async () => {
    const destination = world.path('somewhere', 'merged');
    workbench.runs.start({ id: runId });
    endCompleted(await world.trainers.nth(0));
    await workbench.waitForRun(runId);
    const { id } = await workbench.exports.create({ runId, kind: 'merged', destination });
    (await world.trainers.nth(1)).end({ type: 'failed', code: 'no-space', message: 'full' });
    await workbench.waitForExport(id);
    const left = ['.merged.0123456789ab.partial', '.nora-check-aB3dE6'];
    for (const name of left) mkdirSync(world.path('somewhere', name, 'float32'), { recursive: true });
    writeFileSync(world.path('somewhere', left[0]!, 'float32', 'weights'), 'many');
    expect((await sizes())['leftovers']).toEqual({ files: 1, bytes: 4 });
    for (const name of left) age(join('..', 'somewhere', name), 61);
    await reopen();
    await vi.waitFor(() => expect(readdirSync(world.path('somewhere'))).toEqual([]));
  });

  test('is waited for by whoever clears at once', async () => {
    write(answer, 1000);
    for (let at = 0; at < 300; at++) write(`runs/${runId}/deep/${at}/${partial('state')}/one`, 1);
    await reopen();
    expect(await workbench.storage.clear({ part: 'cache' })).toEqual({ files: 1, bytes: 1000 });
  });

  test('stays while another workbench is at work, however old it is', async () => {
    const old = [`adapters/${partial('one')}`, '.nora-check-aB3dE6'];
    for (const path of old) {
      write(`${path}/state`, 10);
      age(path, 600);
    }
    const theirs = openWorkLock(workbench.dataDirectory);
    expect(theirs.share()).toBe(true);
    await reopen();
    await expect(workbench.storage.clear({ part: 'leftovers' })).rejects.toThrow(
      'another NoRA Workbench imports, exports or backs up at the moment',
    );
    expect(old.map(isThere)).toEqual([true, true]);
    theirs.close();
    expect(await workbench.storage.clear({ part: 'leftovers' })).toEqual({ files: 2, bytes: 20 });
  });

  test('stays where a person put it, whatever their folders are called', async () => {
    const theirs = ['cache/thesis.txt', 'cache/awsvd/notes.txt', 'backups/2019-family.tar'];
    for (const path of [...theirs, answer, 'backups/workbench-v20-2026-11-29T15-34-30.sqlite'])
      write(path, 10);
    for (const part of ['cache', 'copies', 'bases', 'leftovers'] as const)
      expect(await workbench.storage.clear({ part })).toEqual(
        part === 'cache' || part === 'copies' ? { files: 1, bytes: 10 } : { files: 0, bytes: 0 },
      );
    expect(theirs.map(isThere)).toEqual([true, true, true]);
    expect((await sizes())['other']).toMatchObject({ files: expect.any(Number) });
  });

  test('stays where it is whole, whoever it belongs to', async () => {
    for (const path of ['runs/0123456789ab', 'adapters/0123456789ab']) {
      write(`${path}/weights`, 10);
      age(path, 10_000);
    }
    await reopen();
    await workbench.close({ graceMilliseconds: 0 }); // which waits for the sweep
    expect(isThere('runs/0123456789ab/weights')).toBe(true);
    expect(isThere('adapters/0123456789ab/weights')).toBe(true);
  });
});
