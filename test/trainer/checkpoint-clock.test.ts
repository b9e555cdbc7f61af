import { expect, test } from 'vitest';
import { createCheckpointClock } from '../../main/trainer/run/checkpoint-clock.ts';

/** A run in a process: what passes, and what of it the run computes. */
const open = (minutes: number) => {
  const now = { passed: 1000, computed: 70 };
  const clock = createCheckpointClock({ minutes, passed: () => now.passed, computed: () => now.computed });
  const compute = (seconds: number): void => {
    now.passed += seconds;
    now.computed += seconds;
  };
  const wait = (seconds: number): void => void (now.passed += seconds);
  const write = (seconds: number): Promise<void> => clock.time(() => Promise.resolve(compute(seconds)));
  return { clock, compute, wait, write };
};

test('a checkpoint is due after so many minutes, and again after as many from the last one', async () => {
  const { clock, compute, write } = open(5);
  expect(clock.isDue()).toBe(false);
  compute(299.9);
  expect(clock.isDue()).toBe(false);
  compute(0.1);
  expect(clock.isDue()).toBe(true);
  await write(1);
  expect(clock.isDue()).toBe(false);
  compute(300);
  expect(clock.isDue()).toBe(true);
});

test('one that was written for another reason counts too', async () => {
  const { clock, compute, write } = open(5);
  compute(200);
  await write(1);
  compute(200);
  expect(clock.isDue()).toBe(false);
  compute(100);
  expect(clock.isDue()).toBe(true);
});

test('writing takes at most 1 % of the time: where that needs longer, it is written later', async () => {
  const { clock, compute, write } = open(5);
  compute(300);
  await write(10);
  compute(989);
  expect(clock.isDue()).toBe(false);
  compute(1);
  expect(clock.isDue()).toBe(true);
  await write(1); // a disk that has got faster
  compute(300);
  expect(clock.isDue()).toBe(true);
});

test('beside other runs the time of all counts as lost, and only its own as what writing is held against', async () => {
  const { clock, compute, wait, write } = open(5);
  for (let turn = 0; turn < 30; turn++) {
    compute(1);
    wait(9);
  }
  expect(clock.isDue()).toBe(true);
  await write(1);
  for (let turn = 0; turn < 98; turn++) {
    compute(1);
    wait(9);
  }
  expect(clock.isDue()).toBe(false);
  compute(1);
  expect(clock.isDue()).toBe(true);
});

test('a machine that slept makes one due, if its clock says so at all', () => {
  const { clock, compute, wait } = open(5);
  compute(10);
  wait(8 * 3600);
  expect(clock.isDue()).toBe(true);
});

test('0 is never', () => {
  const { clock, compute } = open(0);
  compute(1e9);
  expect(clock.isDue()).toBe(false);
});

test('a write that fails is no checkpoint: the next one is still due', async () => {
  const { clock, compute } = open(5);
  compute(300);
  await expect(clock.time(() => Promise.reject(new Error('no space left')))).rejects.toThrow('no space');
  expect(clock.isDue()).toBe(true);
});

test('one that was written while the machine slept puts off none that come after it', async () => {
  const { clock, compute, wait, write } = open(5);
  compute(300);
  await write(1);
  compute(300);
  await clock.time(() => Promise.resolve(wait(3600)));
  compute(300);
  expect(clock.isDue()).toBe(true);
  await write(1);
  expect(clock.isDue()).toBe(false); // one, however long the sleep was
});
