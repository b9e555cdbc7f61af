import { expect, test } from 'vitest';
import { createRandom, randomFromState } from '../../main/engine/random.ts';

test('xoshiro128**: the words of the reference implementation from the state 1, 2, 3, 4', () => {
  const random = randomFromState([1, 2, 3, 4]);
  const words = Array.from({ length: 8 }, () => random.integer(2 ** 32));
  expect(words).toEqual([11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849]);
});

test('a seed gives the same numbers always, another seed or stream gives others', () => {
  const first = (seed: number, stream?: number): number => createRandom(seed, stream).uniform();
  expect(first(42)).toBe(first(42));
  const starts = [
    first(42),
    first(43),
    first(-42),
    first(42, 1),
    first(42 + 2 ** 32),
    first(0),
    first(0, 42),
  ];
  expect(new Set(starts).size).toBe(starts.length);
  expect(() => createRandom(0.5)).toThrow('a seed is a whole number');
});

test('the state resumes exactly, after normals and shuffles too, and survives JSON', () => {
  const random = createRandom(7);
  for (let count = 0; count < 11; count++) random.normal();
  random.shuffle([1, 2, 3]);
  const resumed = randomFromState(JSON.parse(JSON.stringify(random.state())));
  for (let count = 0; count < 100; count++) expect(resumed.normal()).toBe(random.normal());
});

test('uniform and normal have their moments', () => {
  const random = createRandom(1);
  const count = 200_000;
  const moments = (draw: () => number): [mean: number, variance: number] => {
    let sum = 0;
    let squares = 0;
    for (let index = 0; index < count; index++) {
      const value = draw();
      sum += value;
      squares += value * value;
    }
    return [sum / count, squares / count - (sum / count) ** 2];
  };
  const [uniformMean, uniformVariance] = moments(random.uniform);
  expect(Math.abs(uniformMean - 0.5)).toBeLessThan(0.003);
  expect(Math.abs(uniformVariance - 1 / 12)).toBeLessThan(0.002);
  const [normalMean, normalVariance] = moments(random.normal);
  expect(Math.abs(normalMean)).toBeLessThan(0.01);
  expect(Math.abs(normalVariance - 1)).toBeLessThan(0.02);
});

test('integers are even over their range, shuffles over all orders', () => {
  const random = createRandom(3);
  const counts = [0, 0, 0];
  for (let draw = 0; draw < 30_000; draw++) counts[random.integer(3)]! += 1;
  for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(400);

  const orders = new Map<string, number>();
  for (let draw = 0; draw < 24_000; draw++) {
    const order = random.shuffle(['a', 'b', 'c', 'd']).join('');
    orders.set(order, (orders.get(order) ?? 0) + 1);
  }
  expect(orders.size).toBe(24);
  for (const count of orders.values()) expect(Math.abs(count - 1000)).toBeLessThan(170);
  expect(() => random.integer(0)).toThrow('integer bound out of range: 0');
});
