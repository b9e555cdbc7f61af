import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createRandom } from '../../main/engine/random.ts';
import {
  bucketParts,
  partsOfValues,
  secondsGrid,
  stepGrid,
} from '../../main/services/runs/metric-buckets.ts';
import { stepClock } from '../../main/services/runs/step-clock.ts';
import { metricSeriesParameters, metricSeriesSchema } from '../../main/services/shared/metric-series.ts';
import type { MetricSeries, RunSeries } from '../../main/services/shared/metric-series.ts';
import type { Workbench } from '../../main/services/workbench.ts';
import { openDatabase } from '../../main/store/open-database.ts';
import { createStore, type Store } from '../../main/store/store.ts';
import { createExperiment, createWorld, type World } from './test-world.ts';

const random = createRandom(5);
const numbers = (count: number): number[] => Array.from({ length: count }, () => random.uniform());
const steps = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

describe('buckets', () => {
  test.each([
    ['every step', steps(1000), stepGrid(0, 1000, 37)],
    [
      'with gaps',
      steps(1000).filter((step) => step % 7 > 2 && (step < 300 || step > 620)),
      stepGrid(0, 1200, 60),
    ],
    ['seconds', steps(500).map((step) => step * 0.37), secondsGrid(0, 500 * 0.37, 41)],
    ['finer than the values', steps(90), stepGrid(0, 90, 500)],
  ])('hold what a slow search finds: %s', (_, at, grid) => {
    const values = numbers(at.length);
    const { means, extremes } = bucketParts(at, partsOfValues({ steps: at, values }), grid);
    const { from, width, buckets } = grid;
    const inside = Array.from({ length: buckets }, (_unused, bucket) =>
      at.flatMap((place, index) => {
        const end = bucket === buckets - 1 ? Infinity : from + (bucket + 1) * width;
        return place >= from + bucket * width && place < end ? [values[index]!] : [];
      }),
    );
    const last = inside.findLastIndex((held) => held.length > 0);
    expect(means).toHaveLength(last + 1);
    const isShared = inside.some((held) => held.length > 1);
    expect(extremes).toHaveLength(isShared ? 2 * means.length : 0);
    for (const [bucket, held] of inside.slice(0, last + 1).entries()) {
      if (held.length === 0) {
        expect(means[bucket]).toBeNull();
        if (isShared) expect(extremes.slice(2 * bucket, 2 * bucket + 2)).toEqual([null, null]);
        continue;
      }
      expect(means[bucket]).toBeCloseTo(held.reduce((a, b) => a + b) / held.length, 6);
      if (!isShared) continue;
      const [low, high] = [Math.min(...held), Math.max(...held)];
      const inOrder = held.indexOf(low) < held.indexOf(high) ? [low, high] : [high, low];
      expect(extremes[2 * bucket]).toBeCloseTo(inOrder[0]!, 6);
      expect(extremes[2 * bucket + 1]).toBeCloseTo(inOrder[1]!, 6);
    }
  });

  test('are of whole steps, and no more than asked for', () => {
    expect(stepGrid(0, 10_000, 500)).toEqual({ from: 0, width: 21, buckets: 477 });
    expect(stepGrid(1000, 100_000, 500, 64)).toEqual({ from: 960, width: 256, buckets: 387 });
    expect(stepGrid(10.4, 19.2, 500)).toEqual({ from: 10, width: 1, buckets: 11 });
    expect(stepGrid(0, 0, 500)).toEqual({ from: 0, width: 1, buckets: 1 });
    expect(secondsGrid(3, 3, 10)).toEqual({ from: 3, width: 1, buckets: 1 });
  });
});

test('a clock adds up what steps took', () => {
  const clock = stepClock(10, [1, 2, 5], [1, 2, 4]);
  expect([0, 1, 2, 3, 4, 5, 9].map(clock.at)).toEqual([10, 11, 13, 13, 13, 17, 17]);
  expect(stepClock(0, [], []).at(3)).toBe(0);
});

describe('the curves of runs', () => {
  let world: World;
  let workbench: Workbench;
  let store: Store;
  let runIds: string[];
  const loss = steps(2000).map((step) => 4 / Math.sqrt(step));
  const put = (run: number, name: string, values: number[], every = 1): void =>
    store.metrics.insert(
      runIds[run]!,
      values.map((value, index) => ({ step: (index + 1) * every, name, value })),
    );

  beforeEach(async () => {
    world = createWorld();
    workbench = world.open();
    await world.stock(workbench);
    runIds = (await createExperiment(workbench)).runs.map(({ id }) => id);
    store = createStore(openDatabase(workbench.dataDirectory), workbench.dataDirectory);
    put(0, 'train/loss', loss);
    put(0, 'train/step_seconds', Array<number>(2000).fill(0.5));
    put(0, 'validation/loss', [3, 2, 1], 650);
  });
  afterEach(async () => {
    store.close();
    await workbench.close();
    world.remove();
  });

  const ask = async (asked: object): Promise<MetricSeries> => {
    const parameters = { runIds, metrics: ['train/loss', 'validation/loss'], ...asked };
    return metricSeriesSchema.parse(await workbench.metrics.series(metricSeriesParameters.parse(parameters)));
  };
  const one = (answer: MetricSeries, metric: string): RunSeries =>
    answer.series.find((series) => series.metric === metric)!;

  test('come in buckets, or as they are where they are few; runs without values not at all', async () => {
    const answer = await ask({ buckets: 100 });
    expect(answer).toMatchObject({ axis: 'step', from: 0, width: 21, buckets: 96 });
    expect(answer.series.map(({ runId, metric, kind }) => [runId, metric, kind])).toEqual([
      [runIds[0], 'train/loss', 'buckets'],
      [runIds[0], 'validation/loss', 'points'],
    ]);
    expect(one(answer, 'train/loss')).toMatchObject({ last: { at: 2000, value: loss[1999] } });
    expect(one(answer, 'validation/loss')).toMatchObject({ at: [650, 1300, 1950], values: [3, 2, 1] });
  });

  test('are finer in a part of the range', async () => {
    const answer = await ask({ from: 1000, to: 1099, buckets: 100 });
    const series = one(answer, 'train/loss');
    expect(answer).toMatchObject({ from: 1000, width: 1, buckets: 100 });
    expect(series).toMatchObject({ kind: 'buckets', extremes: [] });
    if (series.kind !== 'buckets') return;
    expect(series.means[7]).toBeCloseTo(loss[1006]!, 6);
    expect(answer.series.some(({ metric }) => metric === 'validation/loss')).toBe(false);
  });

  test('are told over the seconds that the steps took', async () => {
    const whole = await ask({ axis: 'seconds', buckets: 100 });
    expect(whole).toMatchObject({ axis: 'seconds', from: 0, width: 10, buckets: 100 });
    expect(one(whole, 'validation/loss')).toMatchObject({ at: [325, 650, 975], values: [3, 2, 1] });
    const part = await ask({ axis: 'seconds', from: 100, to: 110, metrics: ['train/loss'] });
    expect(one(part, 'train/loss')).toMatchObject({
      kind: 'points',
      at: Array.from({ length: 21 }, (_, index) => 100 + index / 2),
      values: loss.slice(199, 220),
    });
  });

  describe('of very many steps', () => {
    const many = 60_000;
    const values = Array.from({ length: many }, () => random.uniform());
    const seconds = Array.from({ length: many }, () => 0.4 + 0.2 * random.uniform());
    beforeEach(() => {
      put(1, 'train/loss', values);
      put(1, 'train/step_seconds', seconds);
      put(1, 'validation/loss', [3, 2, 1], 20_000);
    });

    test.each([
      [0, undefined, 100],
      [12_345, 56_789, 300],
      [30_000, 33_000, 80],
    ])('are exact over steps: %s to %s in %s buckets', async (from, to, buckets) => {
      const answer = await ask({ runIds: [runIds[1]], from, to, buckets });
      const series = one(answer, 'train/loss');
      if (series.kind !== 'buckets') throw new Error('in buckets');
      expect(answer.width % 16).toBe(0);
      expect(answer.from).toBeLessThanOrEqual(from);
      expect(answer.buckets).toBeLessThanOrEqual(buckets);
      for (const [bucket, mean] of series.means.entries()) {
        const first = Math.max(1, answer.from + bucket * answer.width);
        const held = values.slice(first - 1, answer.from + (bucket + 1) * answer.width - 1);
        if (bucket < series.means.length - 1)
          expect(mean).toBeCloseTo(held.reduce((a, b) => a + b) / held.length, 6);
        const [low, high] = [Math.min(...held), Math.max(...held)];
        const inOrder = held.indexOf(low) < held.indexOf(high) ? [low, high] : [high, low];
        if (bucket < series.means.length - 1)
          inOrder.forEach((end, at) => expect(series.extremes[2 * bucket + at]).toBeCloseTo(end, 6));
      }
      const end = to ?? many;
      expect(series.last).toEqual({ at: end, value: values[end - 1] });
    });

    test('are exact where only few are in the range', async () => {
      const answer = await ask({ runIds: [runIds[1]], buckets: 100 });
      expect(one(answer, 'validation/loss')).toMatchObject({
        kind: 'points',
        at: [20_000, 40_000, 60_000],
        values: [3, 2, 1],
      });
    });

    test('are off by less than half a bucket over seconds', async () => {
      const ends: number[] = [];
      let sum = 0;
      for (const one of seconds) ends.push((sum += one));
      for (const [from, to] of [
        [0, sum],
        [5000, 21_000],
        [9000, 9100],
      ] as const) {
        const answer = await ask({ runIds: [runIds[1]], axis: 'seconds', from, to, buckets: 200 });
        const series = one(answer, 'train/loss');
        if (series.kind !== 'buckets') throw new Error('in buckets');
        const inRange = ends.flatMap((end, index) => (end >= from && end <= to ? [index] : []));
        expect(series.last.value).toBe(values[inRange.at(-1)!]);
        expect(series.last.at).toBeCloseTo(ends[inRange.at(-1)!]!, 6);
        // Any value that a bucket is said to have as its lowest is found within half a bucket of it.
        for (const [bucket, mean] of series.means.entries()) {
          if (mean === null) continue;
          const [begin, end] = [from + (bucket - 0.5) * answer.width, from + (bucket + 1.5) * answer.width];
          const near = inRange.filter((index) => ends[index]! >= begin && ends[index]! < end);
          const low = Math.min(
            ...series.extremes.slice(2 * bucket, 2 * bucket + 2).map((one) => one ?? mean),
          );
          expect(near.some((index) => Math.abs(values[index]! - low) < 1e-6)).toBe(true);
        }
      }
    });
  });

  test('of a run that is not there are refused', async () => {
    await expect(async () => ask({ runIds: ['x'] })).rejects.toThrow(/no run/);
  });
});
