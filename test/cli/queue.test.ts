import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { methods } from '../../main/api/contract.ts';
import { writeTinyModel } from '../support/tiny-model.ts';
import { createCommandLine } from './nora.ts';
import type { CommandLine, Started } from './nora.ts';

let cli: CommandLine;
beforeAll(async () => {
  cli = createCommandLine();
  const path = (name: string): string => join(cli.directory, name);
  writeTinyModel(path('tiny'));
  const rows = Array.from({ length: 40 }, (_, index) => JSON.stringify({ text: `whale ${index}` }));
  writeFileSync(path('sea.jsonl'), rows.join('\n'));
  writeFileSync(
    path('long.yaml'),
    `version: 1
name: Long
model: tiny
dataset: sea
training: { steps: 200000, batchSize: 2, sequenceLength: 16, threads: 1 }
configurations:
  - name: LoRA
    adapter: { method: lora, rank: 2, alpha: 4 }
`,
  );
  await cli.nora('model', 'import', 'tiny');
  await cli.nora('dataset', 'import', 'sea.jsonl');
  await cli.nora('experiment', 'create', 'long.yaml');
});
afterAll(() => cli.remove());

const shown = async () => methods['queue.show'].result.parse((await cli.noraJson('queue')).document);

test('the queue is shown, paused and resumed; what would wait for it is refused', async () => {
  expect(await cli.nora('queue')).toMatchObject({
    code: 0,
    stdout: 'The queue goes on.\nNo run waits or trains.\n',
  });
  expect((await cli.nora('queue', 'pause')).stdout).toMatch(
    /^The queue has been paused since \d{4}-\d\d-\d\d \d\d:\d\d\. Let it go on with: nora queue resume\nNo run/,
  );
  expect((await shown()).pausedAt).not.toBeNull();
  expect(await cli.nora('experiment', 'run', 'Long')).toMatchObject({
    code: 2,
    stderr: 'error: the queue is paused; let it go on with: nora queue resume\n',
  });
  expect((await cli.nora('queue', 'resume')).stdout).toContain('The queue goes on.');
});

/** Of a run that nobody waits for to its end. */
const endQuickly = async ({ child, ended }: Started) => {
  child.kill('SIGINT');
  return ended;
};
const untilNothingRuns = async (): Promise<void> => {
  while ((await shown()).running.length > 0);
};

test('another terminal frees the machine, gives it back, or takes over', async () => {
  const running = cli.start('experiment', 'run', 'Long');
  await running.said(/LoRA: training [1-9]/);
  const paused = await cli.nora('queue', 'pause', '--running');
  expect(paused.stdout).toMatch(/Long +LoRA +(running|pausing|queued) /);
  await running.said(/^The queue is paused: what waits/m);
  await untilNothingRuns();
  const { waiting, next } = await shown();
  expect([waiting, next]).toMatchObject([1, [{ name: 'LoRA', status: 'queued' }]]);
  expect(next[0]!.step).toBeGreaterThan(0);

  await cli.nora('queue', 'resume');
  await running.said(/^The queue goes on\.\n[^]*LoRA: training [1-9]/m);
  await cli.nora('queue', 'pause', '--running');
  await untilNothingRuns();
  running.child.kill('SIGKILL'); // what it trained is a checkpoint that waits
  await running.ended;
  expect(await shown()).toMatchObject({ waiting: 1, andRunning: true });

  const resumed = cli.start('queue', 'resume');
  await resumed.said(/LoRA: training [1-9]/);
  expect(await endQuickly(resumed)).toMatchObject({
    code: 130,
    stdout: 'The queue goes on.\nNo run waits or trains.\n',
  });
}, 120_000);
