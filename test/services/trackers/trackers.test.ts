import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Experiment } from '../../../main/services/shared/entities.ts';
import type { Workbench } from '../../../main/services/workbench.ts';
import { flatten, timesOfSteps } from '../../../main/services/trackers/tracked-run.ts';
import { openStore } from '../../../main/store/store.ts';
import { createExperiment, createWorld, endCompleted, trainLoss } from '../test-world.ts';
import type { World } from '../test-world.ts';
import { withServer } from './mlflow-server.ts';

let world: World;
let workbench: Workbench;
let experiment: Experiment;
beforeEach(async () => {
  world = createWorld();
  workbench = world.open({ environment: {} });
  await world.stock(workbench);
  experiment = await createExperiment(workbench);
});
afterEach(async () => {
  await workbench.close({ graceMilliseconds: 0 });
  world.remove();
});

const trainFirst = async (): Promise<void> => {
  const { id } = experiment.runs[0]!;
  workbench.runs.start({ id });
  const trainer = await world.trainers.nth(0);
  trainer.emit(trainLoss(1, 2.5));
  endCompleted(trainer);
  await workbench.waitForRun(id);
};

it('refuses runs that have not begun, and an MLflow without an address', async () => {
  const { id } = experiment;
  expect(() => workbench.trackers.tensorboard({ experimentId: id, destination: world.path('tb') })).toThrow(
    'no run of "first try" has begun: there is nothing to tell of',
  );
  await trainFirst();
  await expect(workbench.trackers.mlflow({ experimentId: id })).rejects.toThrow(
    'which MLflow server? give its address with --uri, or set MLFLOW_TRACKING_URI',
  );
});

it('writes one event file for each run that has begun, the same a second time', async () => {
  await trainFirst();
  const write = () =>
    workbench.trackers.tensorboard({ experimentId: experiment.id, destination: world.path('tb') });
  const { runs, destination } = write();
  expect(destination).toBe(world.path('tb'));
  expect(runs).toMatchObject([{ runId: experiment.runs[0]!.id, name: 'lora r4' }]);
  const { file } = runs[0]!;
  const bytes = readFileSync(file);
  expect(bytes.includes('train/loss')).toBe(true);
  expect(bytes.includes('run/trained_parameters')).toBe(true);
  expect(write().runs).toEqual(runs);
  expect(readFileSync(file).equals(bytes)).toBe(true);
  expect(readdirSync(join(file, '..'))).toHaveLength(1);
});

it('names the runs of a comparison by arm and seed', async () => {
  await trainFirst();
  const { id: runId } = experiment.runs[0]!;
  const store = openStore(workbench.dataDirectory);
  store.comparisons.insert({
    ...{ id: 'c1', name: 'lora or nora', definition: {}, design: {}, accepted: [], status: 'completed' },
    ...{ modelId: experiment.modelId, datasetId: experiment.datasetId, error: null },
    ...{ createdAt: experiment.createdAt, startedAt: null, endedAt: null },
  });
  store.comparisons.insertRun({
    ...{ runId, comparisonId: 'c1', role: 'final', arm: 'lora', seed: 3, trial: null, round: null },
  });
  store.close();
  const destination = world.path('tb');
  const { runs } = workbench.trackers.tensorboard({ comparisonId: 'lora or nora', destination });
  expect(runs).toMatchObject([{ runId, name: 'lora, seed 3' }]);
  expect(runs[0]!.file).toContain(join('lora-or-nora', 'lora-seed-3', 'events.out.tfevents.'));
  expect(() => workbench.trackers.tensorboard({ comparisonId: 'none', destination })).toThrow(
    'there is no comparison "none"',
  );
});

it('says what MLflow refuses, with the server', async () => {
  await trainFirst();
  const answer = '{"error_code":"RESOURCE_EXHAUSTED","message":"too\\nmuch"}';
  await withServer(
    () => Promise.resolve({ status: 429, answer }),
    async (uri) => {
      await expect(workbench.trackers.mlflow({ runId: experiment.runs[0]!.id, uri })).rejects.toThrow(
        `${uri}: MLflow refuses (RESOURCE_EXHAUSTED): too much`,
      );
    },
  );
  expect(workbench.runs.show({ id: experiment.runs[0]!.id }).status).toBe('completed');
});

it('flattens settings by their paths', () => {
  expect(flatten({ a: { b: [1, 'x'], c: [], d: null }, e: undefined, f: true })).toEqual([
    ['a.b.0', 1],
    ['a.b.1', 'x'],
    ['a.c', '[]'],
    ['a.d', null],
    ['f', true],
  ]);
});

it('adds up the seconds of the steps', () => {
  const seconds = [1, 2, 3].map((step) => ({ name: 'train/step_seconds', step, value: step / 2 }));
  const timeOf = timesOfSteps(1000, [...seconds, { name: 'train/loss', step: 4, value: 1 }]);
  expect([0, 1, 2, 3, 4].map(timeOf)).toEqual([1000, 1500, 2500, 4000, 4000]);
});
