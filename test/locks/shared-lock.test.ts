import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSharedLock, type SharedLock } from '../../main/locks/shared-lock.ts';
import { root } from '../support/paths.ts';

let directory: string;
let file: string;
let locks: SharedLock[];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'nora-shared-lock-'));
  file = join(directory, 'lock.sqlite');
  locks = [];
});
afterEach(() => {
  for (const lock of locks) lock.close();
  rmSync(directory, { recursive: true, force: true });
});
const open = (): SharedLock => {
  const lock = openSharedLock(file);
  locks.push(lock);
  return lock;
};

test('many share it, and one has it alone', () => {
  const [one, other, alone] = [open(), open(), open()];
  expect([one.share(), other.share(), alone.exclude()]).toEqual([true, true, false]);
  one.release();
  expect(alone.exclude()).toBe(false);
  other.release();
  expect(alone.exclude()).toBe(true);
  expect([one.share(), other.exclude()]).toEqual([false, false]);
  alone.close();
  expect(one.share()).toBe(true);
  expect(statSync(file).size).toBe(0);
});

test('is given back however its holder ends', async () => {
  const program = `
    import { openSharedLock } from ${JSON.stringify(join(root, 'main/locks/shared-lock.ts'))};
    const lock = openSharedLock(${JSON.stringify(file)});
    console.log(lock.share());
    setInterval(() => undefined, 1000);`;
  const holder: ChildProcess = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(holder.stdout!, 'data');
  const alone = open();
  expect(alone.exclude()).toBe(false);
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  expect(alone.exclude()).toBe(true);
});
