import { expect, test } from 'vitest';
import { createPatience } from '../../main/services/runs/patience.ts';

const open = () => {
  let time = 5000;
  const patience = createPatience(() => time);
  const silentFor = (seconds: number): void => void (time += 1000 * seconds);
  const step = (seconds: number): void => {
    silentFor(seconds);
    patience.heard();
    patience.measured();
  };
  return { patience, silentFor, step, secondsLeft: (): number => patience.left() / 1000 };
};

test('a step of two minutes is waited for, thrice', () => {
  const { step, silentFor, secondsLeft } = open();
  step(120);
  expect(secondsLeft()).toBe(360);
  step(100);
  expect(secondsLeft()).toBe(360);
  silentFor(361);
  expect(secondsLeft()).toBe(-1);
});

test('quick steps are given half a minute', () => {
  const { step, secondsLeft } = open();
  step(0.1);
  expect(secondsLeft()).toBe(30);
});

test('one that goes on with news is waited for, however long all of it takes', () => {
  const { patience, step, silentFor, secondsLeft } = open();
  step(1);
  for (let batch = 0; batch < 100; batch++) {
    silentFor(20);
    patience.heard();
  }
  expect(secondsLeft()).toBe(60);
});

test('before the first step nothing is known: ten minutes', () => {
  const { patience, silentFor, secondsLeft } = open();
  expect(secondsLeft()).toBe(600);
  silentFor(300);
  patience.heard();
  expect(secondsLeft()).toBe(900);
});
