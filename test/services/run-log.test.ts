import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openRunLog, readRunLog } from '../../main/services/runs/run-log.ts';
import type { Experiment } from '../../main/services/shared/entities.ts';
import type { Workbench } from '../../main/services/workbench.ts';
import { createExperiment, createWorld, endCompleted, runsOf, writeCheckpoint } from './test-world.ts';
import type { World } from './test-world.ts';

describe('the log of a run', () => {
  let world: World;
  let workbench: Workbench;
  let experiment: Experiment;
  beforeEach(async () => {
    world = createWorld();
    workbench = world.open();
    await world.stock(workbench);
    experiment = await createExperiment(workbench);
  });
  afterEach(async () => {
    await workbench.close({ graceMilliseconds: 0 });
    world.remove();
  });
  const lines = (id: string): string[] =>
    workbench.runs
      .log({ id })
      .text.split('\n')
      .filter((line) => line !== '')
      .map((line) => line.slice(line.indexOf(' ') + 1));

  test('tells what the trainer told, phases once and no steps', async () => {
    const [{ id }] = runsOf(workbench, experiment);
    expect(workbench.runs.log({ id })).toEqual({ text: '' });
    workbench.runs.start({ id });
    const trainer = await world.trainers.nth(0);
    trainer.emit({ type: 'planned', steps: 10 });
    for (const done of [0, 1, 2]) trainer.emit({ type: 'progress', phase: 'training', done, total: 10 });
    trainer.emit({ type: 'metrics', metrics: [{ step: 2, name: 'train/loss', value: 3 }] });
    trainer.emit({ type: 'metrics', metrics: [{ step: 2, name: 'validation/loss', value: 2.5 }] });
    trainer.emit({ type: 'notice', message: '3 rows were cut' });
    const directory = writeCheckpoint(trainer, 2);
    endCompleted(trainer);
    await workbench.waitForRun(id);
    expect(lines(id)).toEqual([
      'begins',
      '10 steps are planned',
      'training, 0 of 10',
      'step 2: validation/loss 2.5',
      '3 rows were cut',
      `checkpoint of step 2: ${directory}`,
      expect.stringMatching(/^completed: /),
    ]);
  });

  test('keeps the last words of a trainer that died', async () => {
    const [{ id }] = runsOf(workbench, experiment);
    workbench.runs.start({ id });
    const trainer = await world.trainers.nth(0);
    trainer.exit({ code: 134, stderrTail: 'Fatal error\n  at somewhere:12\n' });
    await workbench.waitForRun(id);
    const text = lines(id).join('\n');
    expect(text).toContain('the trainer process ended unexpectedly (exit code 134)');
    expect(workbench.runs.log({ id }).text).toContain('at somewhere:12');
  });

  test('is refused for a run that is not there', () => {
    expect(() => workbench.runs.log({ id: 'nobody' })).toThrow(/no run "nobody"/);
  });
});

describe('the file of a log', () => {
  let directory: string;
  beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), 'nora-log-'))));
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  test('stays small: its older half goes, by whole lines', () => {
    const log = openRunLog(directory, 'run', 2000);
    for (let line = 0; line < 500; line++) log.note(`line ${line}`);
    const text = readRunLog(directory, 'run');
    expect(text.length).toBeLessThanOrEqual(2100);
    expect(text).toMatch(/^… older lines are gone\n\d{4}-.* line \d+\n/);
    expect(text.trimEnd()).toMatch(/line 499$/);
  });

  test('keeps no run from going on where it can not be written', () => {
    writeFileSync(join(directory, 'runs'), 'a file where the folder should be');
    openRunLog(directory, 'run').note('nowhere');
    expect(readFileSync(join(directory, 'runs'), 'utf8')).toBe('a file where the folder should be');
  });
});
