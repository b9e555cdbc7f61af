import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createRandom } from '../../main/engine/random.ts';
import { openDatabase } from '../../main/store/open-database.ts';
import { portionUnits } from '../../main/store/portion-sql.ts';
import { metricRepository, type MetricRecord } from '../../main/store/repositories/metrics.ts';

let directory: string;
let metrics: ReturnType<typeof metricRepository>;
let close: () => void;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'nora-portions-'));
  const database = openDatabase(directory);
  database.pragma('foreign_keys = OFF'); // runs of no experiment
  metrics = metricRepository(database);
  close = () => database.close();
});
afterEach(() => {
  close();
  rmSync(directory, { recursive: true });
});

const random = createRandom(3);

/** What a slow look at all values gives. */
const portionsOf = (records: readonly MetricRecord[], unit: number) => {
  const groups = [...Map.groupBy(records, ({ step }) => Math.floor(step / unit) * unit)].sort(
    ([a], [b]) => a - b,
  );
  const numbers = groups.map(([first, held]) => {
    const sorted = held.toSorted((a, b) => a.step - b.step);
    const lowest = sorted.reduce((a, b) => (b.value < a.value ? b : a));
    const highest = sorted.reduce((a, b) => (b.value > a.value ? b : a));
    const sum = sorted.reduce((total, { value }) => total + value, 0);
    return { first, count: sorted.length, sum, lowest, highest };
  });
  return {
    unit,
    firsts: numbers.map(({ first }) => first),
    counts: numbers.map(({ count }) => count),
    sums: numbers.map(({ sum }) => sum),
    lowest: numbers.map(({ lowest }) => lowest.value),
    lowestSteps: numbers.map(({ lowest }) => lowest.step),
    highest: numbers.map(({ highest }) => highest.value),
    highestSteps: numbers.map(({ highest }) => highest.step),
  };
};

/** Whole numbers, so that sums are exact in any order; some are equal. */
const value = (): number => Math.floor(random.uniform() * 50);

test('portions are what their values come to, whatever is written, written over and removed', () => {
  const name = 'train/loss';
  const known = new Map<number, number>();
  const write = (steps: readonly number[]): void => {
    const records = steps.map((step) => ({ step, name, value: value() }));
    metrics.insert('r', records);
    for (const record of records) known.set(record.step, record.value);
  };
  const check = (): void => {
    const records = [...known].map(([step, one]) => ({ step, name, value: one }));
    for (const unit of portionUnits)
      expect(metrics.portions('r', name, unit, 0, 5_000_000)).toEqual(portionsOf(records, unit));
  };
  const some = (count: number, most: number): number[] =>
    Array.from({ length: count }, () => Math.floor(random.uniform() * most));

  metrics.insert('other', [{ step: 5, name, value: -1 }]);
  metrics.insert('r', [{ step: 5, name: 'another', value: -1 }]);
  write([0]);
  check();
  write(Array.from({ length: 3000 }, (_, index) => index));
  check();
  write(some(100, 3000));
  write([4_000_000]);
  write(some(500, 300_000));
  check();
  for (const after of [299_999, 150_000, 2047, 2048, 1500, 31, 15, 0]) {
    metrics.removeAfter('r', after);
    for (const step of known.keys()) if (step > after) known.delete(step);
    check();
    write(some(40, 3000));
    check();
  }
  metrics.removeAll('r');
  expect(metrics.portions('r', name, 16, 0, 1e7).firsts).toEqual([]);
  expect(metrics.portions('other', name, 16, 0, 1e7).sums).toEqual([-1]);
});

test('sums up to a step, and the step of a sum, are those of all values', () => {
  const name = 'train/step_seconds';
  const steps = Array.from({ length: 20_000 }, (_, index) => index + 1).filter((step) => step % 97 !== 0);
  const records = steps.map((step) => ({ step, name, value: value() }));
  metrics.insert('r', records);
  const sums: number[] = [];
  let sum = 0;
  for (let step = 0, at = 0; step <= 20_000; step++) {
    if (records[at]?.step === step) sum += records[at++]!.value;
    sums.push(sum);
  }
  for (const step of [-1, 0, 1, 15, 16, 17, 63, 64, 4095, 4096, 9999, 16_384, 19_999, 20_000, 30_000]) {
    expect(metrics.sumThrough('r', name, step)).toBe(step < 0 ? 0 : (sums[step] ?? sum));
  }
  for (const wanted of [1, 2, 49, 50, 1000, 123_456, sum / 2, sum - 1, sum])
    expect(metrics.stepWhereSumReaches('r', name, wanted)).toBe(
      sums.findIndex((reached) => reached >= wanted),
    );
  expect(metrics.stepWhereSumReaches('r', name, sum + 1)).toBeUndefined();
  expect(metrics.stepWhereSumReaches('nobody', name, 1)).toBeUndefined();
});
