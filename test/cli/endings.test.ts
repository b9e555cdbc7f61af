import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Run } from '../../main/api/contract.ts';
import { openSession } from '../../main/cli/session.ts';
import type { Workbench } from '../../main/services/workbench.ts';
import { createCommandLine, type CommandLine, type Started } from './nora.ts';
import { writeTinyModel } from '../support/tiny-model.ts';

/** More than are done in the half second that a trainer leaves to its parent. */
const steps = 2000;
const experiment = (name: string): string => `version: 1
name: ${name}
model: tiny
dataset: sea
training: { steps: ${steps}, batchSize: 2, sequenceLength: 16, threads: 1 }
configurations:
  - name: LoRA
    adapter: { method: lora, rank: 2, alpha: 4 }
`;

let cli: CommandLine;
let whole: Buffer;
beforeAll(async () => {
  cli = createCommandLine();
  writeTinyModel(join(cli.directory, 'tiny'));
  const rows = Array.from({ length: 40 }, (_, row) =>
    JSON.stringify({ text: `whale ${row} swims in the sea` }),
  );
  writeFileSync(join(cli.directory, 'sea.jsonl'), rows.join('\n'));
  await cli.nora('model', 'import', 'tiny');
  await cli.nora('dataset', 'import', 'sea.jsonl');
  await cli.nora('experiment', 'run', write('Whole'));
  whole = adapterOf(await withWorkbench((workbench) => Promise.resolve(show(workbench, 'Whole'))));
});
afterAll(() => cli.remove());

const write = (name: string): string => {
  writeFileSync(join(cli.directory, `${name}.yaml`), experiment(name));
  return `${name}.yaml`;
};
/** In this process, which is up already. */
const withWorkbench = async <Result>(use: (workbench: Workbench) => Promise<Result>): Promise<Result> => {
  const { workbench } = openSession(join(cli.directory, 'data'), true);
  try {
    return await use(workbench);
  } finally {
    await workbench.close();
  }
};
const show = ({ experiments }: Workbench, name: string): Run =>
  experiments.show({ id: experiments.list().items.find((one) => one.name === name)!.id }).runs[0]!;
const adapterOf = ({ id }: Run): Buffer =>
  readFileSync(join(cli.directory, 'data/runs', id, 'adapter/adapter.safetensors'));

/** The trainer that this one has started last: one that estimated memory before may still be on its way out. What reads files has a bound of its own. */
const childOf = (parent: number): number => {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' });
  const ids = stdout
    .split('\n')
    .filter((line) => !line.includes('--max-old-space-size'))
    .map((line) => line.trim().split(/\s+/).map(Number));
  return Math.max(...ids.filter(([, of]) => of === parent).map(([id]) => id!));
};

/** Nothing of it is lost, and what goes on is what was never stopped. */
const expectPaused = (name: string): Promise<Run> =>
  withWorkbench((workbench) => expectWhole(workbench, name));
const expectWhole = async (workbench: Workbench, name: string): Promise<Run> => {
  const paused = show(workbench, name);
  expect(paused).toMatchObject({ status: 'paused', checkpointStep: paused.step, error: null });
  expect(paused.step).toBeGreaterThan(0);
  expect(paused.step).toBeLessThan(steps);
  workbench.runs.resume({ id: paused.id });
  expect((await workbench.waitForRun(paused.id)).status).toBe('completed');
  expect(adapterOf(paused).equals(whole)).toBe(true);
  return paused;
};

describe.skipIf(process.platform === 'win32')('a run is paused, and goes on bit for bit,', () => {
  test.each([
    ['SIGHUP', 129],
    ['SIGTERM', 143],
  ] as const)('where %s reaches the command line and its trainer', async (signal, code) => {
    const running = cli.startGroup('experiment', 'run', write(signal));
    await running.said(/LoRA: training [1-9]/);
    process.kill(-running.child.pid!, signal);
    const ended = await running.ended;
    expect(ended.stdout).toMatch(/^Paused\. Go on with: nora experiment run \w+\n$/);
    expect([ended.code, ended.stderr]).toEqual([code, expect.stringContaining('LoRA finishes its step')]);
    expect((await expectPaused(signal)).notices).toEqual([]);
  });

  test('where the same request comes twice at once, as npm passes it on', async () => {
    const running = cli.start('experiment', 'run', write('Twice'));
    await running.said(/LoRA: training [1-9]/);
    running.child.kill('SIGINT');
    await running.said(/^Pausing: /m);
    running.child.kill('SIGINT');
    const ended = await running.ended;
    expect([ended.code, ended.stdout]).toEqual([130, expect.stringMatching(/^Paused\. Go on with: /)]);
    await expectPaused('Twice');
  });

  test('where the trainer alone is asked to end', async () => {
    const running = cli.start('experiment', 'run', write('Trainer'));
    await running.said(/LoRA: training [1-9]/);
    process.kill(childOf(running.child.pid!), 'SIGTERM');
    const ended = await running.ended;
    expect([ended.code, ended.stdout]).toEqual([130, expect.stringMatching(/^Paused\. Go on with: /)]);
    expect((await expectPaused('Trainer')).notices).toEqual([
      expect.stringContaining('asked its trainer process to end (SIGTERM)'),
    ]);
  });

  test('by its trainer alone where a second Ctrl-C does not wait for it', async () => {
    const running = cli.start('experiment', 'run', write('Left alone'));
    await running.said(/LoRA: training [1-9]/);
    const trainer = childOf(running.child.pid!);
    process.kill(trainer, 'SIGSTOP'); // a step that takes its time
    running.child.kill('SIGINT');
    await running.said(/^Pausing: /m);
    await new Promise((resolve) => setTimeout(resolve, 500));
    running.child.kill('SIGINT');
    const { code, stdout, stderr } = await running.ended;
    expect([code, stdout, stderr]).toEqual([130, '', expect.stringMatching(/^Ended at once: what trains/m)]);
    process.kill(trainer, 'SIGCONT');
    await gone(trainer);
    await withWorkbench(async (workbench) => {
      const { id, status, error, checkpointStep } = show(workbench, 'Left alone');
      expect([status, error]).toEqual([
        'interrupted',
        `the workbench ended while this run was going on; it can go on from step ${checkpointStep}`,
      ]);
      workbench.runs.resume({ id });
      expect(adapterOf(await workbench.waitForRun(id)).equals(whole)).toBe(true);
    });
  });

  test('where nobody reads any more what is said', async () => {
    const running = cli.start('experiment', 'run', write('Unread'));
    await running.said(/LoRA: training [1-9]/);
    running.child.stdout!.destroy();
    running.child.stderr!.destroy();
    running.child.kill('SIGHUP');
    expect((await running.ended).code).toBe(129);
    await expectPaused('Unread');
  });
});

test.skipIf(process.platform !== 'linux')('a terminal that is closed pauses what it trains', async () => {
  const running = cli.startOnTerminal('experiment', 'run', write('Terminal'));
  await running.said(/training.* [1-9]\d*\/\d/);
  const program = childOf(running.child.pid!);
  running.child.kill('SIGKILL'); // its end of the terminal goes with it
  await gone(program);
  await expectPaused('Terminal');
});

test('a run whose trainer was killed is not called paused', async () => {
  const running = cli.start('experiment', 'run', write('Killed'));
  await running.said(/LoRA: training [1-9]/);
  const trainer = childOf(running.child.pid!);
  process.kill(trainer, 'SIGSTOP'); // a step that takes its time
  running.child.kill('SIGINT');
  await running.said(/^Pausing: /m);
  process.kill(trainer, 'SIGKILL');
  const { code, stdout } = await running.ended;
  expect(code).toBe(1);
  expect(stdout).toMatch(
    /^LoRA was cut off after step (\d+): \1 steps are lost, it begins anew\nGo on with: nora experiment run \w+\n$/,
  );
});

const comparison = (name: string): string => `version: 1
name: ${name}
model: tiny
dataset: sea
training: { steps: ${steps}, batchSize: 2, sequenceLength: 16, threads: 1 }
seeds: [1]
arms:
  - { name: LoRA, adapter: { method: lora, rank: 2, alpha: 4 } }
  - { name: rsLoRA, adapter: { method: rslora, rank: 2, alpha: 4 } }
`;
const runComparison = async (name: string): Promise<Started> => {
  writeFileSync(join(cli.directory, `${name}.yaml`), comparison(name));
  const running = cli.start('comparison', 'run', `${name}.yaml`, '--accept', accepted);
  await running.said(/: training [1-9]/);
  return running;
};
const accepted = 'untuned-learning-rate,single-seed,scaling';

describe.skipIf(process.platform === 'win32')('a comparison', () => {
  test('is called paused once its run is', async () => {
    const running = await runComparison('pair');
    running.child.kill('SIGTERM');
    const { code, stdout } = await running.ended;
    expect([code, stdout]).toEqual([
      143,
      expect.stringMatching(/^Paused\. Go on with: nora comparison run \w+\n$/),
    ]);
  });

  test('rests with a run whose trainer was asked to end', async () => {
    const running = await runComparison('trainer of a pair');
    process.kill(childOf(running.child.pid!), 'SIGTERM');
    const { code, stdout } = await running.ended;
    expect([code, stdout]).toEqual([130, expect.stringMatching(/^Paused\. Go on with: /)]);
  });

  test('whose run was cut off is not called paused', async () => {
    const running = await runComparison('cut off pair');
    const trainer = childOf(running.child.pid!);
    process.kill(trainer, 'SIGSTOP');
    running.child.kill('SIGINT');
    await running.said(/^Pausing: /m);
    process.kill(trainer, 'SIGKILL');
    const { code, stdout } = await running.ended;
    expect([code, stdout]).toEqual([
      1,
      expect.stringMatching(
        /^\S+ was cut off after step (\d+): \1 steps are lost, it begins anew\nGo on with: /,
      ),
    ]);
  });
});

const gone = async (id: number): Promise<void> => {
  for (;;) {
    try {
      process.kill(id, 0);
    } catch {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};
