import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Experiment, Run } from '../../main/services/shared/entities.ts';
import type { ExperimentDefinitionInput } from '../../main/services/shared/experiment-definition.ts';
import type { Workbench } from '../../main/services/workbench.ts';
import { checkpointDirectory } from '../../main/trainer/run/checkpoint-folders.ts';
import { createExperiment, createWorld, endCompleted, writeCheckpoint, type World } from './test-world.ts';

let world: World;
let workbench: Workbench;
beforeEach(async () => {
  world = createWorld();
  workbench = world.open();
  await world.stock(workbench);
});
afterEach(async () => {
  await workbench.close({ graceMilliseconds: 0 });
  world.remove();
});

type AdapterInput = ExperimentDefinitionInput['configurations'][number]['adapter'];

const training = { steps: 10, sequenceLength: 32, schedule: 'constant' as const };

/** A completed run with what a trainer leaves behind. */
const completed = async (
  adapter: AdapterInput = { method: 'lora', rank: 4 },
  own: { warmupSteps?: number } = {},
): Promise<{ run: Run; folder: string }> => {
  const experiment = await createExperiment(workbench, {
    training: { ...training, ...own },
    configurations: [{ name: 'first', adapter, learningRate: 0.01 }],
  });
  workbench.experiments.start({ id: experiment.id });
  const trainer = await world.trainers.nth(0);
  const folder = trainer.specification().runDirectory;
  mkdirSync(join(folder, 'adapter-start'), { recursive: true });
  writeFileSync(join(folder, 'adapter-start/adapter.json'), '{}');
  writeCheckpoint(trainer, 10);
  endCompleted(trainer);
  return { run: await workbench.waitForRun(experiment.runs[0]!.id), folder };
};

test('a completed run is gone on with in a run of its own, from what it ended with', async () => {
  const told: unknown[] = [];
  workbench.subscribe((event) => void (event.name === 'experiments.changed' && told.push(event.payload)));
  const { run, folder } = await completed();
  const made: Experiment = await workbench.runs.extend({ id: run.id, steps: 1000, schedule: 'cosine' });
  expect(made).toMatchObject({
    name: 'first, 1,000 more steps',
    definition: { training: { steps: 1000, schedule: 'cosine', learningRate: 0.01, sequenceLength: 32 } },
  });
  const [next] = made.runs;
  expect(next).toMatchObject({
    status: 'created',
    ...{ step: 10, steps: 1010 },
    origin: { runId: run.id, experimentId: run.experimentId, name: 'first', step: 10 },
  });
  expect(told.at(-1)).toMatchObject({ changed: [{ id: made.id }] });

  // It has all that it needs, so the other may go.
  workbench.experiments.remove({ id: run.experimentId });
  expect(existsSync(folder)).toBe(false);
  workbench.experiments.start({ id: made.id });
  const trainer = await world.trainers.nth(1);
  const { origin, resumeFrom, runDirectory } = trainer.specification();
  expect(origin).toEqual({ step: 10 });
  expect(resumeFrom).toBe(checkpointDirectory(runDirectory, 10));
  expect(existsSync(join(runDirectory, 'adapter-start/adapter.json'))).toBe(true);
  expect(workbench.runs.show({ id: next!.id }).startedAt).not.toBeNull();
});

test('is refused by name where it could not go on exactly', async () => {
  const { run, folder } = await completed();
  const extend = (id: string) => workbench.runs.extend({ id, steps: 5 });
  rmSync(checkpointDirectory(folder, 10), { recursive: true });
  await expect(extend(run.id)).rejects.toThrow(
    /the run "first" can't be gone on with: .*step-00000010 is gone/,
  );

  const open = await createExperiment(workbench, { training });
  await expect(extend(open.runs[0]!.id)).rejects.toThrow(
    'the run "lora r4" is created: only a completed run has an end to go on from',
  );
  await expect(extend('nobody')).rejects.toThrow('there is no run "nobody"');
});

test('a plan over the whole run has ended with it', async () => {
  const { run } = await completed({ method: 'adalora', rank: 4, targetRank: 2 });
  await expect(workbench.runs.extend({ id: run.id, steps: 5 })).rejects.toThrow(
    /the run "first" can't be gone on with: AdaLoRA shares its ranks out by a plan over the whole run/,
  );
  expect(workbench.experiments.list().total).toBe(1);
});

test('begins without the warmup of the first, whose rate has risen', async () => {
  const { run } = await completed({ method: 'lora', rank: 4 }, { warmupSteps: 8 });
  const made = await workbench.runs.extend({ id: run.id, steps: 5 });
  expect(made.definition.training).toMatchObject({ steps: 5, warmupSteps: 0 });
  const warmed = await workbench.runs.extend({ id: run.id, steps: 5, warmupSteps: 2 });
  expect(warmed.definition.training).toMatchObject({ warmupSteps: 2 });
});

test('is not known of before all that it needs is there, and leaves nothing where that fails', async () => {
  const { run, folder } = await completed();
  const before = readdirSync(join(folder, '..')).length;
  const making = workbench.runs.extend({ id: run.id, steps: 5 });
  expect(workbench.experiments.list({}).total).toBe(1);
  await making;
  expect(workbench.experiments.list({}).total).toBe(2);
  await expect(workbench.runs.extend({ id: run.id, steps: 5, warmupSteps: 6 })).rejects.toThrow(
    'warmupSteps',
  );
  expect(readdirSync(join(folder, '..'))).toHaveLength(before + 1);
});

test('never begins anew: without the checkpoint it would be another run', async () => {
  const { run, folder } = await completed();
  const made = await workbench.runs.extend({ id: run.id, steps: 5 });
  const next = made.runs[0]!;
  rmSync(join(folder, '..', next.id, 'checkpoints'), { recursive: true });
  workbench.experiments.start({ id: made.id });
  const ended = await workbench.waitForRun(next.id);
  expect(ended).toMatchObject({
    status: 'failed',
    error: expect.stringContaining('goes on from step 10 of "first", whose checkpoint is gone') as string,
  });
  expect(existsSync(join(folder, '..', next.id, 'adapter-start'))).toBe(true);
});
