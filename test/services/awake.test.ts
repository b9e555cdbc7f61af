import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { setAwakeTimeout } from '../../main/services/shared/awake.ts';
import { createPatience } from '../../main/services/runs/patience.ts';
import { root } from '../support/paths.ts';
import { describeWith } from '../support/requirements.ts';

test('a time that is cleared does nothing, and one that is not does its work once', async () => {
  let count = 0;
  setAwakeTimeout(() => (count += 1), 20).clear();
  await new Promise<void>((resolve) => {
    setAwakeTimeout(() => {
      count += 10;
      resolve();
    }, 20);
  });
  expect(count).toBe(10);
});

test('a trainer that was at work before a sleep has its time after it', () => {
  const patience = createPatience();
  patience.measured();
  expect(patience.left()).toBeGreaterThan(29_000);
});

/** What a process says that stops itself after its first word, and is continued so long after that. */
const stopped = async (program: string, milliseconds: number): Promise<string> => {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said = text(child.stdout);
  child.stdout.once('data', () => void setTimeout(() => child.kill('SIGCONT'), milliseconds));
  return said;
};

describeWith('linux', 'a process that is stopped, as by a machine that sleeps', () => {
  const awake = JSON.stringify(join(root, 'main/services/shared/awake.ts'));
  const patience = JSON.stringify(join(root, 'main/services/runs/patience.ts'));

  test('hears what has come in before a time is over', { timeout: 20_000 }, async () => {
    const program = `
      import { setAwakeTimeout } from ${awake};
      import { spawn } from 'node:child_process';
      const other = spawn('sleep', ['3']);
      const limit = setAwakeTimeout(() => console.log('over'), 5000);
      other.on('exit', () => { limit.clear(); console.log('heard'); });
      console.log('ready');
      process.kill(process.pid, 'SIGSTOP');`;
    expect(await stopped(program, 7000)).toBe('ready\nheard\n');
  });

  test('does not count a sleep as silence, nor wait for ever after one', { timeout: 20_000 }, async () => {
    const program = `
      import { createPatience } from ${patience};
      const patience = createPatience();
      patience.heard();
      patience.measured();
      const from = performance.now();
      console.log('ready');
      process.kill(process.pid, 'SIGSTOP');
      setTimeout(() => {
        const before = patience.left();
        patience.heard();
        console.log(performance.now() - from > 5000, before > 25_000, patience.left() <= 30_000);
      }, 10);`;
    expect(await stopped(program, 6000)).toBe('ready\ntrue true true\n');
  });
});
