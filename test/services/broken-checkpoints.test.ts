import { appendFileSync, existsSync, readdirSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Experiment } from '../../main/services/shared/entities.ts';
import type { Workbench } from '../../main/services/workbench.ts';
import { takeRunLock } from '../../main/trainer/run/run-lock.ts';
import type { ScriptedTrainer } from './scripted-trainer.ts';
import {
  createExperiment,
  createWorld,
  endPaused,
  runsOf,
  trainLoss,
  writeCheckpoint,
} from './test-world.ts';
import type { World } from './test-world.ts';

let world: World;
let workbench: Workbench;
let experiment: Experiment;
let id: string;
beforeEach(async () => {
  world = createWorld();
  workbench = world.open();
  await world.stock(workbench);
  experiment = await createExperiment(workbench);
  id = experiment.runs[0]!.id;
});
afterEach(async () => {
  await workbench.close({ graceMilliseconds: 0 });
  world.remove();
});

/** A run that is paused at step 5, with checkpoints of 3 and 5. */
const pausedRun = async (): Promise<{ trainer: ScriptedTrainer; fileOf: (step: number) => string }> => {
  workbench.runs.start({ id });
  const trainer = await world.trainers.nth(0);
  for (const step of [1, 2, 3, 4, 5]) {
    trainer.emit(trainLoss(step, 5 - step / 10));
    if (step === 3) writeCheckpoint(trainer, 3);
  }
  endPaused(trainer, 5);
  await workbench.waitForRun(id);
  const { runDirectory } = trainer.specification();
  return {
    trainer,
    fileOf: (step) => join(runDirectory, `checkpoints/step-0000000${step}/state.safetensors`),
  };
};
const flip = (file: string): void => {
  truncateSync(file, 60);
  appendFileSync(file, '\0');
};

test('a damaged checkpoint has the run go on from the one before it, and says what was wrong', async () => {
  const { fileOf } = await pausedRun();
  truncateSync(fileOf(5), 10);
  workbench.runs.resume({ id });
  const resumed = await world.trainers.nth(1);
  expect(resumed.specification().resumeFrom).toMatch(/step-00000003$/);
  const { step, notices } = runsOf(workbench, experiment)[0];
  expect(step).toBe(3);
  expect(notices).toEqual([
    expect.stringMatching(
      /step-00000005.state\.safetensors: is damaged: it has 10 bytes, \d+ were written; the run goes on from step 3 instead$/,
    ),
  ]);
  expect(workbench.runs.metrics({ id }).map((metric) => metric.step)).toEqual([1, 2, 3]);
});

test('where none is whole the run says so, and can be started over', async () => {
  const { fileOf, trainer } = await pausedRun();
  for (const step of [3, 5]) flip(fileOf(step));
  workbench.runs.resume({ id });
  const failed = await workbench.waitForRun(id);
  expect(failed.status).toBe('failed');
  expect(failed.error).toMatch(
    /^no checkpoint of the run "lora r4" is whole: start it over \(.*step-00000005.*step-00000003/,
  );
  expect(workbench.runs.metrics({ id })).toHaveLength(5);

  expect(await workbench.runs.startOver({ id })).toMatchObject({ step: 0, notices: [], error: null });
  expect(workbench.runs.metrics({ id })).toEqual([]);
  const again = await world.trainers.nth(1);
  expect(again.specification().resumeFrom).toBeNull();
  const left = readdirSync(trainer.specification().runDirectory);
  expect(left.filter((name) => name !== 'log.txt')).toEqual([]);
});

test('only a run at rest that has not come to its end is started over', async () => {
  workbench.runs.start({ id });
  await world.trainers.nth(0);
  await expect(workbench.runs.startOver({ id })).rejects.toThrow(
    'the run "lora r4" is running: only one at rest that did not come to its end can be started over',
  );
});

test('what an earlier trainer still works on is neither started over nor cleared away', async () => {
  const { trainer, fileOf } = await pausedRun();
  const { runDirectory } = trainer.specification();
  const lock = await takeRunLock(runDirectory);
  await expect(workbench.runs.startOver({ id })).rejects.toThrow('an earlier trainer');
  expect(existsSync(fileOf(5))).toBe(true);

  // A start waits for it, and finds what it has written last.
  workbench.runs.resume({ id });
  writeCheckpoint(trainer, 7);
  setTimeout(() => lock.close(), 300);
  const resumed = await world.trainers.nth(1);
  expect(resumed.specification().resumeFrom).toMatch(/step-00000007$/);
});
