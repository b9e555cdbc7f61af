import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openQueueLock } from '../../main/store/queue-lock.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'nora-lock-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

test('one at a time holds the lock, and says who', () => {
  const [one, two] = [openQueueLock(directory), openQueueLock(directory)];
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
  const source = join(import.meta.dirname, '../../main/store/queue-lock.ts');
  writeFileSync(
    script,
    `import { openQueueLock } from ${JSON.stringify(source)};
    const lock = openQueueLock(${JSON.stringify(directory)});
    process.send?.(lock.acquire());
    setInterval(() => lock.held, 60_000);`,
  );
  const holder = fork(script, { execArgv: [] });
  expect(await once(holder, 'message')).toContain(true);
  const lock = openQueueLock(directory);
  expect(lock.acquire()).toBe(false);
  expect(lock.holder()).toBe(holder.pid);
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  expect(lock.acquire()).toBe(true);
  lock.close();
});
