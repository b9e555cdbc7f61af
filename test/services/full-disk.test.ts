import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { WorkbenchError } from '../../main/engine/errors.ts';
import { createRunLedger } from '../../main/services/runs/run-ledger.ts';
import { createRunQueue } from '../../main/services/runs/run-queue.ts';
import { startRunProcess } from '../../main/services/runs/run-process.ts';
import type { WorkbenchEvent } from '../../main/services/shared/workbench-events.ts';
import type { Workbench } from '../../main/services/workbench.ts';
import { openStore } from '../../main/store/store.ts';
import type { Store } from '../../main/store/store.ts';
import { readHere } from './read-here.ts';
import { createExperiment, createWorld, trainLoss } from './test-world.ts';
import type { World } from './test-world.ts';

let world: World;
let workbench: Workbench;
let store: Store;
let runId: string;
beforeEach(async () => {
  world = createWorld();
  workbench = world.open();
  await world.stock(workbench);
  runId = (await createExperiment(workbench)).runs[0]!.id;
  store = openStore(workbench.dataDirectory);
  store.runs.update(runId, { status: 'running' });
});
afterEach(async () => {
  store.close();
  await workbench.close();
  world.remove();
});

const full = (): never => {
  throw new WorkbenchError('no-space', 'workbench.sqlite: the disk is full; free some space and try again');
};

/** A session on a store whose disk is full once the trainer runs. */
const sessionOn = async (limited: Store) => {
  const events: WorkbenchEvent[] = [];
  const emit = (event: WorkbenchEvent): void => void events.push(event);
  const { dataDirectory } = workbench;
  const session = startRunProcess(
    {
      store: limited,
      ledger: createRunLedger(limited, emit),
      emit,
      spawnTrainer: world.trainers.spawn,
      readFiles: readHere,
      dataDirectory,
      memory: {
        report: () => Promise.resolve(null),
        refuseTooLarge: () => Promise.resolve(),
        needed: () => Promise.resolve(0),
        howManyBeside: () => Promise.resolve(0),
      },
    },
    runId,
    { waiting: () => [], take: () => false },
    () => false,
  );
  return { session, events, trainer: await world.trainers.nth(0) };
};

test('metrics that find no room fail the run with one clear line, and end its trainer', async () => {
  const { session, trainer } = await sessionOn({ ...store, metrics: { ...store.metrics, insert: full } });
  trainer.emit(trainLoss(1, 2));
  await session.gone;
  expect(trainer.killed).toBe(true);
  expect(store.runs.find(runId)).toMatchObject({
    status: 'failed',
    error: 'workbench.sqlite: the disk is full; free some space and try again',
  });
});

test('an end that finds no room is still told, and nothing throws', async () => {
  let isFull = false;
  const update: Store['runs']['update'] = (...parameters) =>
    isFull ? full() : store.runs.update(...parameters);
  const { session, events, trainer } = await sessionOn({ ...store, runs: { ...store.runs, update } });
  isFull = true;
  trainer.end({ type: 'cancelled', step: 0 });
  await session.gone;
  expect(events.findLast(({ name }) => name === 'run.changed')).toMatchObject({
    name: 'run.changed',
    payload: { status: 'failed', error: expect.stringContaining('the disk is full') as string },
  });
});

test('runs that wait are told as failed when the next one cannot start, and start when there is room again', async () => {
  let isFull = false;
  const update: Store['runs']['update'] = (...parameters) =>
    isFull ? full() : store.runs.update(...parameters);
  const limited: Store = { ...store, runs: { ...store.runs, update } };
  const events: WorkbenchEvent[] = [];
  const ledger = createRunLedger(limited, (event) => void events.push(event));
  const gates: PromiseWithResolvers<void>[] = [];
  const queue = createRunQueue({
    store: limited,
    ledger,
    concurrency: 1,
    ownership: { held: true },
    companyOf: () => [],
    specificationOf: () => {
      throw new Error('nobody is taken along');
    },
    startProcess: () => {
      const gate = Promise.withResolvers<void>();
      gates.push(gate);
      const end = (): void => gate.resolve();
      return {
        stop: () => undefined,
        kill: end,
        killAll: end,
        endIfSilent: () => undefined,
        gone: gate.promise,
      };
    },
  });
  const experiment = await createExperiment(workbench);
  for (const { id } of experiment.runs) ledger.change(id, { status: 'queued' });
  queue.advance();
  isFull = true;
  gates[0]!.resolve();
  const waiting = experiment.runs[1]!.id;
  await vi.waitFor(() =>
    expect(ledger.show(waiting)).toMatchObject({
      status: 'failed',
      error: expect.stringContaining('the disk is full') as string,
    }),
  );
  expect(events.findLast(({ name }) => name === 'run.changed')).toMatchObject({
    payload: { id: waiting, status: 'failed' },
  });

  isFull = false;
  queue.advance();
  expect(ledger.show(waiting)).toMatchObject({ status: 'running', error: null });
  await queue.close(0);
});

test('a workbench can still be opened and looked at', async () => {
  await workbench.close();
  store.close();
  const lock = vi.spyOn(Sqlite.prototype, 'exec').mockImplementation(() => {
    throw Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
  });
  workbench = world.open();
  expect(workbench.experiments.list().items).toHaveLength(1);
  expect(() => workbench.runs.start({ id: runId })).toThrow('queue-lock.sqlite: the disk is full');
  lock.mockRestore();
  store = openStore(workbench.dataDirectory);
});
