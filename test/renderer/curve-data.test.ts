import { expect, it } from 'vitest';
import { metricRegistry } from '../../main/api/contract.ts';
import type { MetricSeries } from '../../main/api/contract.ts';
import { paddedLogRange, paddedRange, scaledRange } from '../../renderer/source/charts/axis-range.ts';
import { chartGroups, groupsWith, hasRecorded } from '../../renderer/source/charts/chart-groups.ts';
import { alignCurves, nearestValue } from '../../renderer/source/charts/curve-data.ts';
import type { CurveWishes } from '../../renderer/source/charts/curve-data.ts';
import { plannedEnd } from '../../renderer/source/charts/planned-end.ts';
import { placed } from '../../renderer/source/charts/legend-rows.ts';
import { smooth } from '../../renderer/source/charts/smooth.ts';
import { seriesFacts, tableMarks } from '../../renderer/source/charts/table-data.ts';
import { tooltipRows } from '../../renderer/source/charts/tooltip-rows.ts';

const steps = (count: number, from = 0): number[] =>
  Array.from({ length: count }, (_, index) => from + index);
const valueAt = (step: number): number => 4 / Math.sqrt(step + 1) + 0.3 * Math.sin(step * 7.7);

/** What the workbench answers of a run that has `valueAt` at every step. */
const answer = (from: number, to: number, width: number): MetricSeries => {
  const buckets = Math.ceil((to - from + 1) / width);
  const inside = steps(buckets).map((bucket) => steps(width, from + bucket * width).map(valueAt));
  return {
    axis: 'step',
    from,
    width,
    buckets,
    series: [
      {
        runId: 'a',
        metric: 'train/loss',
        kind: 'buckets',
        last: { at: to, value: valueAt(to) },
        means: inside.map((values) => values.reduce((sum, value) => sum + value) / width),
        extremes: width === 1 ? [] : inside.flatMap((values) => [Math.min(...values), Math.max(...values)]),
      },
    ],
  };
};

const wishes: CurveWishes = {
  metrics: [
    { name: 'train/loss', kind: 'noisy' },
    { name: 'validation/loss', kind: 'sparse' },
  ],
  isShown: () => true,
  window: 40,
  withRaw: true,
  onlyPositive: false,
};

it('puts buckets and points on one axis, an average over what is noisy', () => {
  const shown = answer(0, 29, 10);
  shown.series.push({
    runId: 'b',
    metric: 'validation/loss',
    kind: 'points',
    last: { at: 29, value: 1 },
    at: [0, 29],
    values: [2, 1],
  });
  const { at, columns } = alignCurves(shown, shown, wishes);
  expect(at).toEqual([0, 2, 7, 12, 17, 22, 27, 29]);
  expect(columns.map(({ runId, metric, look }) => [runId, metric, look])).toEqual([
    ['a', 0, 'raw'],
    ['a', 0, 'smoothed'],
    ['b', 1, 'sparse'],
  ]);
  const series = shown.series[0]!;
  expect(columns[0]?.values.slice(1, 7)).toEqual(series.kind === 'buckets' ? series.extremes : []);
  expect(columns[2]?.values).toEqual([2, ...Array<undefined>(6), 1]);
});

it('leaves out what is hidden, raw values among many, and on a logarithmic axis what is not positive', () => {
  const shown = answer(0, 29, 1);
  const looks = (changes: Partial<CurveWishes>): string[] =>
    alignCurves(shown, shown, { ...wishes, ...changes }).columns.map(({ look }) => look);
  expect(looks({ isShown: () => false })).toEqual([]);
  expect(looks({ withRaw: false })).toEqual(['smoothed']);
  expect(looks({ window: 0 })).toEqual(['line']);
  const series = shown.series[0]!;
  if (series.kind === 'buckets') series.means[3] = -1;
  const [line] = alignCurves(shown, shown, { ...wishes, window: 0, onlyPositive: true }).columns;
  expect(line?.values.slice(2, 5)).toEqual([valueAt(2), null, valueAt(4)]);
});

it('smooths buckets as it would each value, and a part of a run as the whole', () => {
  const exact = smooth(steps(400), steps(400).map(valueAt), 40, 1).values;
  const smoothed = (shown: MetricSeries): Map<number, number> => {
    const { at, columns } = alignCurves(shown, answer(0, 399, 8), wishes);
    const { values } = columns.find(({ look }) => look === 'smoothed')!;
    return new Map(
      at.flatMap((place, index) =>
        values[index] === null || values[index] === undefined ? [] : [[place, values[index]]],
      ),
    );
  };
  for (const [place, value] of smoothed(answer(0, 399, 8)))
    if (place > 40) expect(Math.abs(value - exact[Math.round(place + 2)]!)).toBeLessThan(0.04);
  for (const [place, value] of smoothed(answer(200, 260, 1)))
    expect(Math.abs(value - exact[place]!)).toBeLessThan(0.04);
});

it('smooths without pulling the first values to zero, and over gaps', () => {
  const flat = smooth([0, 1, 2, 3], [3, null, 3, 3], 10, 1).values;
  expect(flat).toEqual([3, null, 3, 3].map((value) => value && expect.closeTo(value, 12)));
  // (0.5 · 4 · 0.5 + 0.5 · 1) / (1 - 0.25), with weights that halve from one value to the next
  expect(smooth([0, 1], [4, 1], 1 / Math.LN2, 1).values[1]).toBeCloseTo(2, 12);
});

it('finds the nearest value to either side', () => {
  const values = [undefined, 5, null, undefined, undefined, 7];
  const at = [0, 10, 20, 30, 40, 50];
  expect(nearestValue(at, values, 2)).toEqual({ at: 10, value: 5 });
  expect(nearestValue(at, values, 4)).toEqual({ at: 50, value: 7 });
  expect(nearestValue(at, [null, undefined], 0)).toBeUndefined();
});

it('tells of the runs nearest to the pointer, with the nearest held-out value', () => {
  const runs = steps(20).map((run) => ({
    runId: `${run}`,
    metric: 0,
    look: 'smoothed' as const,
    values: [run, run, run],
  }));
  const heldOut = { runId: '4', metric: 1, look: 'sparse' as const, values: [9, undefined, undefined] };
  const aligned = { at: [0, 1, 2], columns: [...runs, heldOut] };
  const { shown, others } = tooltipRows(aligned, { index: 1, value: 5.2, nearest: '5' }, 2);
  expect(shown.map(({ runId }) => Number(runId)).sort((a, b) => b - a)).toEqual([9, 8, 7, 6, 5, 4, 3, 2]);
  expect(others).toBe(12);
  expect(shown.find(({ runId }) => runId === '4')?.values).toEqual([
    { value: 4, elsewhere: undefined },
    { value: 9, elsewhere: 0 },
  ]);
});

it('tells in a table what is stored, and means near marks', () => {
  const shown = answer(0, 399, 8);
  const all = steps(400).map(valueAt);
  const marks = tableMarks(shown);
  expect(marks).toEqual([0, 100, 200, 299, 399]);
  const facts = seriesFacts(shown, shown.series[0]!, marks);
  expect(facts).toMatchObject({
    lowest: Math.min(...all),
    highest: Math.max(...all),
    last: { at: 399, value: all[399] },
  });
  expect(facts.marked[1]).toBeCloseTo(all.slice(96, 104).reduce((a, b) => a + b) / 8, 12);
});

it('gives one value an axis around it', () => {
  expect(paddedRange(2, 2)).toEqual([1.8, 2.2]);
  expect(paddedRange(0, 0)).toEqual([0, 1]);
  expect(paddedRange(1, 3)).toEqual([0.9, 3.1]);
  expect(paddedRange(null, null)).toEqual([0, 1]);
  const [low, high] = paddedLogRange(1, 100);
  expect([low, high]).toEqual([expect.closeTo(10 ** -0.1, 6), expect.closeTo(10 ** 2.1, 3)]);
});

it('zooms about a place, and is done with it at the ends', () => {
  expect(scaledRange([0, 100], [0, 100], 50, 0.5)).toEqual([25, 75]);
  expect(scaledRange([0, 100], [0, 50], 0, 0.5)).toEqual([0, 25]);
  expect(scaledRange([0, 100], [25, 75], 50, 2)).toBeUndefined();
});

it('asks for no other buckets at each step of a run whose end is not known', () => {
  expect(plannedEnd([{ step: 5, steps: 60 }])).toBe(60);
  expect(new Set(steps(60, 64).map((step) => plannedEnd([{ step, steps: null }])))).toEqual(new Set([128]));
  expect(plannedEnd([{ step: 0, steps: null }])).toBe(2);
});

it('puts the names of a picture on as many rows as it takes', () => {
  expect(placed([50, 50, 50, 200], 110)).toEqual([
    { left: 0, row: 0 },
    { left: 50, row: 0 },
    { left: 0, row: 1 },
    { left: 0, row: 2 },
  ]);
});

it('charts every metric over the steps once, one unit a chart, the losses first', () => {
  const drawn = chartGroups.flatMap(({ charts }) => charts.flatMap(({ metrics }) => metrics));
  const measured = metricRegistry.filter(({ shown }) => shown.curve !== null);
  expect(drawn.map(({ name }) => name).sort()).toEqual(measured.map(({ name }) => name).sort());
  for (const { charts } of chartGroups)
    for (const { metrics } of charts) expect(new Set(metrics.map(({ unit }) => unit)).size).toBe(1);
  expect(chartGroups[0]?.charts[0]).toMatchObject({
    title: 'Loss',
    metrics: [{ name: 'train/loss' }, { name: 'validation/loss' }],
  });
});

it('offers what there is to draw', () => {
  const titles = (latest: object): string[] =>
    groupsWith(hasRecorded([{ latest: {} }, { latest }])).map(({ title }) => title);
  expect(titles({})).toEqual(['Loss']);
  expect(titles({ 'train/loss': 2, 'train/step_seconds': 1 })).toEqual(['Loss', 'Speed']);
  expect(groupsWith((name) => name === 'train/step_seconds')[0]?.charts).toHaveLength(1);
});
