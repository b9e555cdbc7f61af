import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openProcessLock } from '../../main/locks/process-lock.ts';

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'nora-lock-'));
  file = join(directory, 'lock.sqlite');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

test('one at a time holds the lock, and says who', () => {
  const [one, two] = [openProcessLock(file), openProcessLock(file)];
  expect(one.holder()).toBeNull();
  expect(one.acquire()).toBe(true);
  expect(one.acquire()).toBe(true);
  expect(two.acquire()).toBe(false);
  expect([one.held, two.held, two.holder()]).toEqual([true, false, process.pid]);
  one.close();
  expect(two.acquire()).toBe(true);
  two.close();
});

test('a process that is killed gives the lock back', async () => {
  const script = join(directory, 'holder.ts');
  const source = join(import.meta.dirname, '../../main/locks/process-lock.ts');
  writeFileSync(
    script,
    `import { openProcessLock } from ${JSON.stringify(source)};
    const lock = openProcessLock(${JSON.stringify(file)});
    process.send?.(lock.acquire());
    setInterval(() => lock.held, 60_000);`,
  );
  const holder = fork(script, { execArgv: [] });
  expect(await once(holder, 'message')).toContain(true);
  const lock = openProcessLock(file);
  expect(lock.acquire()).toBe(false);
  expect(lock.holder()).toBe(holder.pid);
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  expect(lock.acquire()).toBe(true);
  lock.close();
});

test('a holder sees that its file was taken away, and that another stands in its place', () => {
  const lock = openProcessLock(file);
  expect(lock.isInPlace()).toBe(false);
  lock.acquire();
  expect(lock.isInPlace()).toBe(true);
  rmSync(file);
  expect(lock.isInPlace()).toBe(false);
  const other = openProcessLock(file);
  expect(other.acquire()).toBe(true);
  expect([lock.isInPlace(), other.isInPlace()]).toEqual([false, true]);
  lock.close();
  other.close();
});
