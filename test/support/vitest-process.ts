import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { root } from './paths.ts';
import type { Summary } from './summary.ts';

const vitest = join(root, 'node_modules/vitest/vitest.mjs');

/** How long Vitest may take to end once all results are in. */
const patienceMilliseconds = 60_000;

/**
 * Runs Vitest and returns its summary. One that has told its results but does not end, for something that a test left behind,
 * is ended.
 */
export const runVitest = async (parameters: string[]): Promise<Summary> => {
  const directory = mkdtempSync(join(tmpdir(), 'nora-test-'));
  const file = join(directory, 'summary.json');
  const child = spawn(process.execPath, [vitest, 'run', ...parameters], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, NORA_TEST_SUMMARY: file },
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  void endWhenOverdue(child, file);
  const status = await ended;

  const summary = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Summary) : noResult;
  rmSync(directory, { recursive: true });
  if (status !== 0 && status !== null && summary.failed + summary.errors.length === 0)
    summary.errors.push(`Vitest ended with ${status}`);
  return summary;
};

const noResult: Summary = {
  passed: 0,
  failed: 0,
  skipped: [],
  flaky: [],
  errors: ['Vitest ended without a result'],
  passedByFile: {},
};

const endWhenOverdue = async (child: ChildProcess, file: string): Promise<void> => {
  while (!existsSync(file)) await setTimeout(1000, undefined, { ref: false });
  await setTimeout(patienceMilliseconds, undefined, { ref: false });
  console.log('note: Vitest was done but did not end by itself');
  child.kill('SIGKILL');
};
