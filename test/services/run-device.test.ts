import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Run } from '../../main/services/shared/entities.ts';
import type { Workbench } from '../../main/services/workbench.ts';
import { createExperiment, createWorld, definition, endPaused, writeCheckpoint } from './test-world.ts';
import type { World } from './test-world.ts';

let world: World;
let workbench: Workbench;
let id: string;
beforeEach(async () => {
  world = createWorld();
  workbench = world.open();
  await world.stock(workbench);
  const { training } = definition();
  ({ id } = (await createExperiment(workbench, { training: { ...training, device: 'webgpu' } })).runs[0]!);
});
afterEach(async () => {
  await workbench.close({ graceMilliseconds: 0 });
  world.remove();
});

const show = (): Run => workbench.runs.show({ id });
/** Trains until its device is lost, with a checkpoint at a step. */
const loseDevice = async (nth: number, step: number): Promise<void> => {
  const trainer = await world.trainers.nth(nth);
  writeCheckpoint(trainer, step);
  trainer.end({ type: 'failed', code: 'internal', message: 'the graphics device stopped answering' });
  await workbench.waitForRun(id);
};
const movedAt = (step: number): string =>
  `went on from step ${step} on CPU, another device than before: from there on its numbers differ by their rounding from those of a run that stayed`;
const beganOnCpu = 'trained on CPU and not on WebGPU, as was chosen';

test('a run whose device is lost goes on on the CPU, says so once, and stays there', async () => {
  workbench.runs.start({ id });
  expect((await world.trainers.nth(0)).specification().training.device).toBe('webgpu');
  await loseDevice(0, 6);
  expect(show().device).toBeUndefined();

  workbench.runs.start({ id, device: 'cpu' });
  const second = await world.trainers.nth(1);
  expect(second.specification()).toMatchObject({
    training: { device: 'cpu' },
    resumeFrom: expect.stringContaining('step-00000006') as string,
  });
  expect(show()).toMatchObject({ device: { name: 'cpu', since: 6 }, notices: [movedAt(6)] });
  endPaused(second, 8);
  await workbench.waitForRun(id);

  workbench.runs.resume({ id });
  const third = await world.trainers.nth(2);
  expect(third.specification().training.device).toBe('cpu');
  expect(show().notices).toEqual([movedAt(6)]);
  endPaused(third, 9);
  await workbench.waitForRun(id);

  workbench.runs.resume({ id, device: 'webgpu' });
  expect((await world.trainers.nth(3)).specification().training.device).toBe('webgpu');
  expect(show().notices.at(-1)).toMatch(/^went on from step 9 on WebGPU, another device than before/);
});

test('a run without a checkpoint, or one that is started over, is on the chosen device as a whole', async () => {
  workbench.runs.start({ id, device: 'cpu' });
  expect((await world.trainers.nth(0)).specification().training.device).toBe('cpu');
  expect(show()).toMatchObject({ device: { name: 'cpu', since: 0 }, notices: [beganOnCpu] });
  await loseDevice(0, 4);

  await workbench.runs.startOver({ id });
  expect((await world.trainers.nth(1)).specification().training.device).toBe('cpu');
  expect(show().notices).toEqual([beganOnCpu]);
  await loseDevice(1, 4);

  await workbench.runs.startOver({ id, device: 'webgpu' });
  expect((await world.trainers.nth(2)).specification().training.device).toBe('webgpu');
  expect(show().notices).toEqual([]);
  expect(show().device).toBeUndefined();
});

test('a run is not moved to a device that was not tried', async () => {
  const { id: other } = (await createExperiment(workbench)).runs[0]!;
  workbench.runs.start({ id: other });
  endPaused(await world.trainers.nth(0), 6);
  await workbench.waitForRun(other);
  expect(() => workbench.runs.resume({ id: other, device: 'webgpu' })).toThrow(
    'WebGPU was not tried here yet',
  );
  expect(workbench.runs.show({ id: other })).toMatchObject({ status: 'paused', notices: [] });
  expect(workbench.runs.show({ id: other }).device).toBeUndefined();
});

test('a device that can’t work here is refused by name, and the run stays as it is', async () => {
  workbench.runs.start({ id });
  await loseDevice(0, 6);
  const elsewhere = process.platform === 'win32' ? 'coreml' : 'directml';
  expect(() => workbench.runs.start({ id, device: elsewhere })).toThrow(/cannot be used here: only on/);
  expect(show()).toMatchObject({ status: 'failed' });
  expect(show().device).toBeUndefined();
});
