import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Experiment } from '../../main/services/shared/entities.ts';
import { awakeMilliseconds } from '../../main/services/shared/awake.ts';
import type { Workbench } from '../../main/services/workbench.ts';
import type { RunEvent } from '../../main/trainer/protocol/protocol.ts';
import {
  createExperiment,
  createWorld,
  endCompleted,
  endPaused,
  runsOf,
  trainLoss,
  writeCheckpoint,
} from './test-world.ts';
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
const [first, second] = [0, 1] as const;
const idOf = (index: 0 | 1): string => runsOf(workbench, experiment)[index].id;
const start = async (index: 0 | 1, trainer: number) => {
  workbench.runs.start({ id: idOf(index) });
  return world.trainers.nth(trainer);
};

describe('the queue', () => {
  test('runs one after the other, first in, first out', async () => {
    workbench.runs.start({ id: idOf(second) });
    workbench.runs.start({ id: idOf(first) });
    expect(statuses()).toEqual(['queued', 'running']);

    const trainer = await world.trainers.nth(0);
    expect(trainer.specification().adapter.method).toBe('nora');
    expect(world.trainers.started).toHaveLength(1);
    endCompleted(trainer);
    await workbench.waitForRun(idOf(second));
    expect((await world.trainers.nth(1)).specification().adapter.method).toBe('lora');
    expect(statuses()).toEqual(['running', 'completed']);
  });

  test('takes as many at a time as it is told', async () => {
    await workbench.close();
    workbench = world.open({ concurrency: 2 });
    workbench.experiments.start({ id: experiment.id });
    await world.trainers.nth(1);
    expect(statuses()).toEqual(['running', 'running']);
  });

  test('keeps the runs that wait when another workbench beside it closes', async () => {
    workbench.experiments.start({ id: experiment.id });
    const trainer = await world.trainers.nth(0);
    const beside = world.open();
    expect(beside.runs.show({ id: idOf(second) }).status).toBe('queued');
    await beside.close();
    expect(statuses()).toEqual(['running', 'queued']);

    endCompleted(trainer);
    await world.trainers.nth(1);
    expect(statuses()).toEqual(['completed', 'running']);
  });

  test('goes on after a run that failed', async () => {
    workbench.experiments.start({ id: experiment.id });
    (await world.trainers.nth(0)).end({
      type: 'failed',
      code: 'invalid-input',
      message: 'train.jsonl, line 3: not JSON',
    });
    await world.trainers.nth(1);
    expect(statuses()).toEqual(['failed', 'running']);
    expect(workbench.runs.show({ id: idOf(first) }).error).toBe('train.jsonl, line 3: not JSON');
  });

  test('gives a run back that leaves it before its turn', () => {
    workbench.experiments.start({ id: experiment.id });
    expect(workbench.runs.pause({ id: idOf(second) }).status).toBe('created');
    workbench.runs.start({ id: idOf(second) });
    expect(workbench.runs.cancel({ id: idOf(second) }).status).toBe('cancelled');
  });

  test('queues only what is not done', async () => {
    endCompleted(await start(first, 0));
    await workbench.waitForRun(idOf(first));
    workbench.experiments.start({ id: experiment.id });
    await world.trainers.nth(1);
    expect(statuses()).toEqual(['completed', 'running']);
    expect(() => workbench.runs.start({ id: idOf(first) })).toThrow(
      'the run "lora r4" is completed: it can\'t be started',
    );
    expect(() => workbench.runs.start({ id: idOf(second) })).toThrow('the run "nora r2" is running');
  });
});

describe('a run', () => {
  test('is given everything that the trainer needs', async () => {
    const specification = (await start(second, 0)).specification();
    expect(specification).toMatchObject({
      runDirectory: join(workbench.dataDirectory, 'runs', idOf(second)),
      modelDirectory: world.path('tiny'),
      dataset: {
        trainFile: world.path('sea.jsonl'),
        validationFile: null,
        format: { kind: 'text', column: 'text' },
      },
      training: { steps: 10, learningRate: 0.01 },
      seed: 0,
      resumeFrom: null,
    });
  });

  test('completes with summary, adapter and metrics', async () => {
    const trainer = await start(first, 0);
    trainer.emit({ type: 'progress', phase: 'training', done: 1, total: 10 });
    trainer.emit(trainLoss(1, 2.5));
    trainer.emit({ type: 'notice', message: 'two rows were cut' });
    endCompleted(trainer);

    const run = await workbench.waitForRun(idOf(first));
    const [adapter] = workbench.adapters.list().items;
    expect(run).toMatchObject({
      status: 'completed',
      step: 10,
      latest: { 'train/loss': 2.5 },
      notices: ['two rows were cut'],
      progress: null,
      error: null,
    });
    expect(run.summary?.['validation/loss']).toBe(2);
    expect(run.adapterId).toBe(adapter?.id);
    expect(adapter).toMatchObject({
      name: 'lora r4',
      method: 'lora',
      experimentId: experiment.id,
      directory: join(workbench.dataDirectory, 'runs', run.id, 'adapter'),
    });
    expect(world.events).toContainEqual({
      name: 'run.metrics',
      payload: { runId: run.id, metrics: [{ step: 1, name: 'train/loss', value: 2.5 }] },
    });
  });

  test('tells of many steps in few events, and loses no metric', async () => {
    const trainer = await start(first, 0);
    world.events.length = 0;
    for (let step = 1; step <= 500; step++) trainer.emit(trainLoss(step, 1 / step));
    endCompleted(trainer);
    await workbench.waitForRun(idOf(first));
    expect(workbench.runs.metrics({ id: idOf(first), name: 'train/loss' })).toHaveLength(500);
    expect(world.events.length).toBeLessThan(10);
  });

  test('of epochs has its steps once the trainer has counted them', async () => {
    const { runs } = await createExperiment(workbench, { training: { epochs: 2, sequenceLength: 32 } });
    const { id, steps } = runs[0]!;
    expect(steps).toBeNull();
    workbench.runs.start({ id });
    const trainer = await world.trainers.nth(0);
    expect(trainer.specification().training).toMatchObject({ epochs: 2 });
    trainer.emit({ type: 'planned', steps: 17 });
    expect(workbench.runs.show({ id })).toMatchObject({ step: 0, steps: 17 });
    endCompleted(trainer, { 'run/steps': 12 }); // it stopped early
    expect(await workbench.waitForRun(id)).toMatchObject({ status: 'completed', step: 12, steps: 17 });
  });

  test('shows the held-out loss of what it saved', async () => {
    const trainer = await start(first, 0);
    trainer.emit({ type: 'metrics', metrics: [{ step: 10, name: 'validation/loss', value: 2.5 }] });
    endCompleted(trainer, { 'validation/loss': 2.25 });
    expect(await workbench.waitForRun(idOf(first))).toMatchObject({ latest: { 'validation/loss': 2.25 } });
  });

  test('is paused with a checkpoint and resumed from it', async () => {
    const trainer = await start(first, 0);
    trainer.emit(trainLoss(3, 2.5));
    expect(workbench.runs.pause({ id: idOf(first) }).status).toBe('pausing');
    expect(trainer.commands.at(-1)).toEqual({ type: 'pause', run: idOf(first) });
    endPaused(trainer, 3);
    expect(await workbench.waitForRun(idOf(first))).toMatchObject({
      status: 'paused',
      step: 3,
      checkpointStep: 3,
      endedAt: null,
    });

    workbench.runs.resume({ id: idOf(first) });
    const resumed = await world.trainers.nth(1);
    expect(resumed.specification().resumeFrom).toBe(
      join(resumed.specification().runDirectory, 'checkpoints', 'step-00000003'),
    );
    expect(workbench.runs.metrics({ id: idOf(first) })).toHaveLength(1);
  });

  test('paused before its trainer has started pauses as soon as it has', async () => {
    workbench.runs.start({ id: idOf(first) });
    workbench.runs.pause({ id: idOf(first) });
    const trainer = await world.trainers.nth(0);
    expect(trainer.commands.map(({ type }) => type)).toEqual(['train', 'pause']);
  });

  test('that completes while it is asked to pause is completed', async () => {
    const trainer = await start(first, 0);
    workbench.runs.pause({ id: idOf(first) });
    endCompleted(trainer);
    expect((await workbench.waitForRun(idOf(first))).status).toBe('completed');
  });

  test('is cancelled, at the second time of asking at once', async () => {
    const trainer = await start(first, 0);
    expect(workbench.runs.cancel({ id: idOf(first) }).status).toBe('cancelling');
    expect(trainer.commands.at(-1)).toEqual({ type: 'cancel', run: idOf(first) });
    expect(trainer.killed).toBe(false);
    workbench.runs.cancel({ id: idOf(first) });
    expect(trainer.killed).toBe(true);
    expect(await workbench.waitForRun(idOf(first))).toMatchObject({ status: 'cancelled', error: null });
  });

  test('cancelled while it pauses is cancelled', async () => {
    const trainer = await start(first, 0);
    workbench.runs.pause({ id: idOf(first) });
    workbench.runs.cancel({ id: idOf(first) });
    endPaused(trainer, 2);
    expect((await workbench.waitForRun(idOf(first))).status).toBe('cancelled');
  });

  test('whose trainer dies is interrupted and says what is known', async () => {
    const trainer = await start(first, 0);
    trainer.emit(trainLoss(4, 2.5));
    writeCheckpoint(trainer, 4);
    trainer.emit(trainLoss(5, 2.4));
    trainer.exit({
      code: null,
      signal: 'SIGSEGV',
      stderrTail: 'loading\nfatal: bad address\n\nNode.js v24.0.0\n',
    });
    expect(await workbench.waitForRun(idOf(first))).toMatchObject({
      status: 'interrupted',
      step: 5,
      error:
        'the trainer process ended unexpectedly (signal SIGSEGV): fatal: bad address; it can go on from step 4',
    });

    workbench.runs.start({ id: idOf(first) });
    expect((await world.trainers.nth(1)).specification().resumeFrom).toMatch(/step-00000004$/);
    expect(workbench.runs.metrics({ id: idOf(first) }).map(({ step }) => step)).toEqual([4]);
    expect(workbench.runs.show({ id: idOf(first) })).toMatchObject({
      status: 'running',
      step: 4,
      error: null,
    });
  });

  test('keeps what it wrote, told as it comes; what it does again replaces it', async () => {
    const told: unknown[] = [];
    workbench.subscribe((event) => {
      if (event.name === 'run.samples') told.push(event.payload);
    });
    const sample = (text: string) => ({
      ...{ position: 0, prompt: 'Call me', expected: null, text, finish: 'length' as const, tokens: 3 },
    });
    const id = idOf(first);
    const trainer = await start(first, 0);
    for (const step of [0, 4, 5]) trainer.emit({ type: 'samples', step, samples: [sample(`after ${step}`)] });
    writeCheckpoint(trainer, 4);
    expect(told).toEqual([0, 4, 5].map((step) => ({ runId: id, step, samples: [sample(`after ${step}`)] })));
    const texts = (asked: object = {}) => {
      const { prompts, steps, hasEarlier } = workbench.runs.samples({
        ids: [id],
        prompt: 0,
        limit: 20,
        ...asked,
      });
      return {
        prompts: prompts.map(({ prompt }) => prompt),
        steps: steps.map((one) => [one.step, ...one.texts.map(({ text }) => text)]),
        hasEarlier,
      };
    };
    const [prompts, hasEarlier] = [['Call me'], false];
    expect(texts()).toEqual({
      prompts,
      steps: [
        [0, 'after 0'],
        [4, 'after 4'],
        [5, 'after 5'],
      ],
      hasEarlier,
    });
    expect(texts({ limit: 2, before: 5 })).toMatchObject({
      steps: [
        [0, 'after 0'],
        [4, 'after 4'],
      ],
      hasEarlier,
    });
    expect(texts({ limit: 1 })).toMatchObject({ steps: [[5, 'after 5']], hasEarlier: true });
    expect(texts({ prompt: 1 })).toEqual({ prompts, steps: [], hasEarlier });

    trainer.exit({ code: 1 });
    await workbench.waitForRun(id);
    workbench.runs.start({ id });
    await world.trainers.nth(1);
    expect(texts().steps).toEqual([
      [0, 'after 0'],
      [4, 'after 4'],
    ]);
    expect(workbench.runs.log({ id }).text).toContain('step 4: sample 1: "after 4"');
  });

  test('without a checkpoint starts from scratch: the old values are gone', async () => {
    const trainer = await start(first, 0);
    trainer.emit(trainLoss(4, 2.5));
    trainer.exit({ code: 1 });
    await workbench.waitForRun(idOf(first));
    expect(workbench.runs.metrics({ id: idOf(first) })).toHaveLength(1);

    const again = await start(first, 1);
    expect(again.specification().resumeFrom).toBeNull();
    expect(workbench.runs.metrics({ id: idOf(first) })).toEqual([]);
    expect(workbench.runs.show({ id: idOf(first) })).toMatchObject({ step: 0, latest: {} });
  });

  test('fails when its data has changed or is gone', async () => {
    writeFileSync(world.path('sea.jsonl'), '{"text":"other words"}\n');
    workbench.runs.start({ id: idOf(first) });
    expect(await workbench.waitForRun(idOf(first))).toMatchObject({
      status: 'failed',
      error: `${world.path('sea.jsonl')} has changed since it was imported; import it again as a new dataset`,
    });
    expect(world.trainers.started).toEqual([]);
  });

  test('refuses what does not fit its state, with a sentence', () => {
    expect(() => workbench.runs.pause({ id: idOf(first) })).toThrow(
      'the run "lora r4" is created: it can\'t be paused',
    );
    expect(() => workbench.runs.cancel({ id: idOf(first) })).toThrow(
      'the run "lora r4" is created: it can\'t be cancelled',
    );
    expect(() => workbench.runs.resume({ id: idOf(first) })).toThrow(
      'only a paused or interrupted run can be resumed',
    );
    expect(() => workbench.runs.show({ id: 'nowhere' })).toThrow('there is no run "nowhere"');
  });

  test('that is queued again at once waits until its old process is gone', async () => {
    await workbench.close();
    workbench = world.open({ concurrency: 2 });
    const trainer = await start(first, 0);
    trainer.emit({ type: 'paused', step: 2, checkpointDirectory: writeCheckpoint(trainer, 2) });
    workbench.runs.resume({ id: idOf(first) });
    expect(statuses()[0]).toBe('queued');
    trainer.exit();
    await world.trainers.nth(1);
    expect(statuses()[0]).toBe('running');
  });

  test('whose trainer stays after its final event is not waited for for ever', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      workbench.runs.start({ id: idOf(first) });
      vi.useRealTimers();
      const trainer = await world.trainers.nth(0);
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      trainer.emit({ type: 'cancelled', step: 0 });
      vi.advanceTimersByTime(5000);
      expect(trainer.killed).toBe(true);
    } finally {
      vi.useRealTimers();
    }
  });
});

const stepOf = (step: number, seconds: number): RunEvent => ({
  type: 'metrics',
  metrics: [{ step, name: 'train/step_seconds', value: seconds }],
});

describe('closing', () => {
  test('pauses what runs and gives back what waits', async () => {
    workbench.experiments.start({ id: experiment.id });
    const trainer = await world.trainers.nth(0);
    const closed = workbench.close();
    expect(trainer.commands.at(-1)).toEqual({ type: 'pause', run: idOf(first) });
    endPaused(trainer, 6);
    await closed;
    workbench = world.open();
    expect(statuses()).toEqual(['paused', 'created']);
    expect(world.trainers.started).toHaveLength(1);
  });

  test('waits for a step as long as steps take, and ends what is silent for longer', async () => {
    const trainer = await start(first, 0);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    // Of time that passes at once only a moment would count as awake.
    const pass = (milliseconds: number): void => {
      for (let left = milliseconds; left > 0; left -= 1000) {
        vi.advanceTimersByTime(Math.min(left, 1000));
        awakeMilliseconds();
      }
    };
    try {
      trainer.emit(stepOf(1, 60));
      pass(60_000);
      trainer.emit(stepOf(2, 60));
      expect(workbench.stopsAfter()).toEqual(['lora r4 stops before its next step']);
      const closed = workbench.close();
      pass(175_000);
      expect(trainer.killed).toBe(false);
      trainer.emit({ type: 'progress', phase: 'saving', done: 0, total: 1 });
      pass(500_000);
      expect(trainer.killed).toBe(false); // three times what it has just taken
      pass(30_000);
      expect(trainer.killed).toBe(true);
      await closed;
    } finally {
      vi.useRealTimers();
    }
    workbench = world.open();
    expect(runsOf(workbench, experiment)[first]).toMatchObject({ status: 'interrupted', step: 2 });
  });

  test('ends what does not pause in a time that is given', async () => {
    const trainer = await start(first, 0);
    await workbench.close({ graceMilliseconds: 10 });
    expect(trainer.killed).toBe(true);
    workbench = world.open();
    expect(runsOf(workbench, experiment)[first]).toMatchObject({
      status: 'interrupted',
      error:
        'the workbench ended the trainer process, which had not stopped in time; it can be started again',
    });
  });
});

describe('removing an experiment', () => {
  test('is refused while a run is busy, and takes everything with it afterwards', async () => {
    const trainer = await start(first, 0);
    const { runDirectory } = trainer.specification();
    expect(() => workbench.experiments.remove({ id: experiment.id })).toThrow(
      'the run "lora r4" of "first try" is running; cancel it first',
    );
    mkdirSync(join(runDirectory, 'adapter'), { recursive: true });
    endCompleted(trainer);
    await workbench.waitForRun(idOf(first));
    const adapterId = workbench.adapters.list().items[0]!.id;
    workbench.experiments.remove({ id: experiment.id });
    expect(existsSync(runDirectory)).toBe(false);
    expect(workbench.adapters.list().items).toEqual([]);
    expect(workbench.experiments.list().items).toEqual([]);
    expect(world.events.slice(-2)).toEqual([
      { name: 'experiments.changed', payload: { changed: [], removed: [experiment.id] } },
      { name: 'adapters.changed', payload: { changed: [], removed: [adapterId] } },
    ]);
  });
});
