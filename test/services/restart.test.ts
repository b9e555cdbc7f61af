import { fork } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Experiment } from '../../main/services/shared/entities.ts';
import type { Workbench } from '../../main/services/workbench.ts';
import type { RunEvent } from '../../main/trainer/protocol/protocol.ts';
import { checkpointDirectory } from '../../main/trainer/run/checkpoint-folders.ts';
import { openEventLog } from '../../main/trainer/run/event-log.ts';
import { createExperiment, createWorld, endCompleted, endPaused, runsOf, trainLoss } from './test-world.ts';
import type { World } from './test-world.ts';

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

/** Closes the workbench, leaves the database as a sudden death would have, and opens it again. */
const dieAndReopen = async (sql: string): Promise<void> => {
  await workbench.close();
  const database = new Sqlite(join(workbench.dataDirectory, 'workbench.sqlite'));
  database.exec(sql);
  database.close();
  workbench = world.open();
};

describe('after the workbench died', () => {
  test.each(['running', 'pausing', 'cancelling'])('a run that was %s is interrupted', async (status) => {
    await dieAndReopen(`UPDATE runs SET status = '${status}'`);
    const [run] = runsOf(workbench, experiment);
    expect(run).toMatchObject({
      status: 'interrupted',
      error: 'the workbench ended while this run was going on; it can be started again',
    });
    expect(run.endedAt).not.toBeNull();
  });

  test('queued runs wait for a person again', async () => {
    workbench.runs.start({ id: experiment.runs[0]!.id });
    endPaused(await world.trainers.nth(0), 3);
    await workbench.waitForRun(experiment.runs[0]!.id);
    await dieAndReopen("UPDATE runs SET status = 'queued', queue_position = rowid");
    expect(runsOf(workbench, experiment).map(({ status }) => status)).toEqual(['paused', 'created']);
  });

  test('the checkpoint that the orphaned trainer wrote is found', async () => {
    const [{ id }] = runsOf(workbench, experiment);
    workbench.runs.start({ id });
    const trainer = await world.trainers.nth(0);
    trainer.emit(trainLoss(3, 2.5));
    endPaused(trainer, 3);
    await workbench.waitForRun(id);

    const { runDirectory } = trainer.specification();
    rmSync(checkpointDirectory(runDirectory, 3), { recursive: true });
    mkdirSync(checkpointDirectory(runDirectory, 7), { recursive: true });
    await dieAndReopen("UPDATE runs SET status = 'running'");
    expect(workbench.runs.show({ id })).toMatchObject({
      checkpointStep: 7,
      error: 'the workbench ended while this run was going on; it can go on from step 7',
    });
  });

  test('what the orphaned trainer measured, noticed and wrote is taken in, each once', async () => {
    const [{ id }] = runsOf(workbench, experiment);
    workbench.runs.start({ id });
    const trainer = await world.trainers.nth(0);
    const { runDirectory } = trainer.specification();
    const events = openEventLog(runDirectory, { goesOn: false });
    const tell = (event: RunEvent, isHeard: boolean): void => {
      events.append(event);
      if (isHeard) trainer.emit(event);
    };
    const notice = (message: string): RunEvent => ({ type: 'notice', message });
    const sample = { position: 0, prompt: 'Call me', expected: null, finish: 'length', tokens: 1 } as const;
    tell(notice('a small thing'), true);
    for (const step of [1, 2]) tell(trainLoss(step, 4 - step), true);
    endPaused(trainer, 2);
    await workbench.waitForRun(id);
    tell(notice('a small thing'), false);
    tell(notice('another'), false);
    tell(trainLoss(3, 0.5), false);
    tell({ type: 'samples', step: 3, samples: [{ ...sample, text: ' Ishmael' }] }, false);
    events.close();
    cpSync(checkpointDirectory(runDirectory, 2), checkpointDirectory(runDirectory, 3), { recursive: true });

    await dieAndReopen("UPDATE runs SET status = 'running', events_read = 0");
    const [run] = runsOf(workbench, experiment);
    expect(run).toMatchObject({ step: 3, checkpointStep: 3, notices: ['a small thing', 'another'] });
    const losses = (): number[] => workbench.runs.metrics({ id }).map(({ value }) => value);
    expect(losses()).toEqual([3, 2, 0.5]);
    const { steps } = workbench.runs.samples({ ids: [id], prompt: 0, limit: 9 });
    expect(steps.map(({ step, texts }) => [step, texts[0]?.text])).toEqual([[3, ' Ishmael']]);

    // The run goes on from there, with all of it.
    workbench.runs.resume({ id });
    await world.trainers.nth(1);
    expect(losses()).toEqual([3, 2, 0.5]);
  });

  test('an unfinished export has failed', async () => {
    const [{ id: runId }] = runsOf(workbench, experiment);
    workbench.runs.start({ id: runId });
    endCompleted(await world.trainers.nth(0));
    await workbench.waitForRun(runId);
    const { id } = await workbench.exports.create({ runId, kind: 'merged' });
    (await world.trainers.nth(1)).exit({ code: 1 });
    await workbench.waitForExport(id);
    await dieAndReopen("UPDATE exports SET status = 'running', error = NULL");
    expect(workbench.exports.show({ id })).toMatchObject({
      status: 'failed',
      error: 'the workbench ended before the export was written; export it again',
    });
  });
});

describe('everything is found again', () => {
  test('after a restart', async () => {
    const [{ id }] = runsOf(workbench, experiment);
    workbench.runs.start({ id });
    const trainer = await world.trainers.nth(0);
    trainer.emit(trainLoss(10, 1.5));
    endCompleted(trainer);
    await workbench.waitForRun(id);
    const before = [
      workbench.experiments.list().items,
      workbench.adapters.list().items,
      workbench.models.list(),
      workbench.datasets.list(),
    ];
    await workbench.close();
    workbench = world.open();
    expect([
      workbench.experiments.list().items,
      workbench.adapters.list().items,
      workbench.models.list(),
      workbench.datasets.list(),
    ]).toEqual(before);
    expect(workbench.runs.metrics({ id })).toEqual([{ step: 10, name: 'train/loss', value: 1.5 }]);
  });
});

describe('two workbenches on one data directory', () => {
  test('both may look and edit, one runs the queue', async () => {
    const other = world.open();
    const another = await createExperiment(other, { name: 'second try' });
    const [run] = another.runs;
    expect(workbench.experiments.list().items).toHaveLength(2);
    expect(() => other.runs.start({ id: run!.id })).toThrow(
      `another NoRA Workbench (process ${process.pid}) works with ${workbench.dataDirectory} at the moment: do this there, or close it first`,
    );
    await workbench.close();
    expect(other.runs.start({ id: run!.id }).status).toBe('running');
    await other.close({ graceMilliseconds: 0 });
  });

  test('a live run is left alone, and the lock of a killed process is free', async () => {
    await workbench.close();
    const holder = fork(join(import.meta.dirname, 'lock-holder.ts'), [workbench.dataDirectory], {
      execArgv: [],
    });
    await once(holder, 'message');
    const database = new Sqlite(join(workbench.dataDirectory, 'workbench.sqlite'));
    database.exec("UPDATE runs SET status = 'running'");
    database.close();

    workbench = world.open();
    expect(runsOf(workbench, experiment)[0].status).toBe('running');
    await expect(workbench.waitForRun(experiment.runs[0]!.id)).rejects.toThrow(`(process ${holder.pid})`);

    holder.kill('SIGKILL');
    await once(holder, 'exit');
    workbench.runs.start({ id: experiment.runs[0]!.id });
    expect(runsOf(workbench, experiment).map(({ status }) => status)).toEqual(['running', 'interrupted']);
  });
});
