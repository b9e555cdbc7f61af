import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Experiment } from '../../main/services/shared/entities.ts';
import type { Queue } from '../../main/services/shared/queue-entity.ts';
import type { Workbench } from '../../main/services/workbench.ts';
import { createExperiment, createWorld, endCompleted, endPaused, runsOf } from './test-world.ts';
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

const statuses = (): string[] => runsOf(workbench, experiment).map(({ status }) => status);
const idOf = (index: 0 | 1): string => runsOf(workbench, experiment)[index].id;
const startAll = async () => {
  workbench.experiments.start({ id: experiment.id });
  return world.trainers.nth(0);
};
const pause = (andRunning = false): Queue => workbench.queue.pause({ andRunning });
const untilStatuses = (wanted: string[]) => vi.waitFor(() => expect(statuses()).toEqual(wanted));

describe('a paused queue', () => {
  test('lets what runs go on to its end, and starts nothing after it', async () => {
    const trainer = await startAll();
    expect(pause()).toMatchObject({
      pausedAt: expect.any(String) as string,
      andRunning: false,
      running: [{ runId: idOf(0), name: 'lora r4', experimentName: 'first try', status: 'running' }],
      waiting: 1,
      next: [{ runId: idOf(1), name: 'nora r2' }],
    });
    endCompleted(trainer);
    await untilStatuses(['completed', 'queued']);
    expect(world.trainers.started).toHaveLength(1);

    expect(workbench.queue.resume()).toMatchObject({ pausedAt: null });
    await world.trainers.nth(1);
    expect(statuses()).toEqual(['completed', 'running']);
  });

  test('starts nothing that is asked for meanwhile', () => {
    pause();
    workbench.experiments.start({ id: experiment.id });
    expect(statuses()).toEqual(['queued', 'queued']);
    expect(world.trainers.started).toEqual([]);
  });

  test('pauses what runs, too, where it is told so, and goes on with that first', async () => {
    const trainer = await startAll();
    pause(true);
    expect(trainer.commands.at(-1)).toEqual({ type: 'pause', run: idOf(0) });
    expect(statuses()).toEqual(['pausing', 'queued']);
    endPaused(trainer, 3);
    await untilStatuses(['queued', 'queued']);
    expect(workbench.queue.show().next.map(({ name, step }) => [name, step])).toEqual([
      ['lora r4', 3],
      ['nora r2', 0],
    ]);
    expect(world.events.map((event) => event.name === 'run.changed' && event.payload.status)).not.toContain(
      'paused',
    ); // which would tell whoever waits for it that nothing more comes

    workbench.queue.resume();
    const again = await world.trainers.nth(1);
    expect(again.specification().resumeFrom).toContain('3');
    expect(statuses()).toEqual(['running', 'queued']);
  });

  test('can pause what runs later, and says since when it is paused', async () => {
    const trainer = await startAll();
    const { pausedAt } = pause();
    expect(pause(true)).toMatchObject({ pausedAt, andRunning: true });
    expect(trainer.commands.at(-1)).toMatchObject({ type: 'pause' });
  });

  test('that goes on while a run still pauses starts it again', async () => {
    const trainer = await startAll();
    pause(true);
    workbench.queue.resume();
    endPaused(trainer, 3);
    await world.trainers.nth(1);
    expect(statuses()).toEqual(['running', 'queued']);
  });

  test('leaves a run to itself that a person pauses', async () => {
    const trainer = await startAll();
    pause(true);
    workbench.runs.pause({ id: idOf(0) });
    endPaused(trainer, 3);
    await untilStatuses(['paused', 'queued']);
    workbench.queue.resume();
    await world.trainers.nth(1);
    expect(statuses()).toEqual(['paused', 'running']);
  });

  test('does not start a run that still pauses', async () => {
    await startAll();
    workbench.runs.pause({ id: idOf(0) });
    expect(() => workbench.runs.start({ id: idOf(0) })).toThrow(
      'the run "lora r4" is pausing: it can\'t be started',
    );
  });
});

describe('a restart', () => {
  test('leaves the queue paused, and those that wait at their places', async () => {
    const trainer = await startAll();
    pause(true);
    endPaused(trainer, 3);
    await untilStatuses(['queued', 'queued']);
    await workbench.close();
    workbench = world.open();
    expect(workbench.queue.show()).toMatchObject({ waiting: 2, andRunning: true, running: [] });
    expect(world.trainers.started).toHaveLength(1);
    workbench.queue.resume();
    expect((await world.trainers.nth(1)).specification().resumeFrom).toContain('3');
  });

  test('takes runs out of a queue that goes on, as nothing starts by itself', async () => {
    await startAll();
    await workbench.close({ graceMilliseconds: 0 });
    workbench = world.open();
    expect(workbench.queue.show()).toMatchObject({ pausedAt: null, waiting: 0 });
  });
});

test('another process pauses and resumes the queue of the one that runs it', async () => {
  const trainer = await startAll();
  const beside = world.open();
  beside.queue.pause({ andRunning: true });
  expect(beside.queue.show().running).toMatchObject([{ name: 'lora r4' }]);
  await vi.waitFor(() => expect(trainer.commands.at(-1)).toMatchObject({ type: 'pause' }), { timeout: 5000 });
  endPaused(trainer, 3);
  await untilStatuses(['queued', 'queued']);
  beside.queue.resume();
  await world.trainers.nth(1);
  await beside.close();
});

test('every change is told, once for many at a time', async () => {
  workbench.experiments.start({ id: experiment.id });
  pause();
  const told = () => world.events.flatMap((event) => (event.name === 'queue.changed' ? [event.payload] : []));
  await vi.waitFor(() => expect(told().at(-1)).toMatchObject({ waiting: 1, andRunning: false }));
  expect(told().at(-1)?.pausedAt).not.toBeNull();
  expect(told().length).toBeLessThan(3);
});
