import { expect, it } from 'vitest';
import { metricRegistry } from '../../main/api/contract.ts';
import { chartGroups, groupsWith } from '../../renderer/source/charts/chart-groups.ts';
import { alignCurves, smooth } from '../../renderer/source/charts/curve-data.ts';

it('puts curves of different steps on one x, and a moving average beside what is noisy', () => {
  const { steps, columns } = alignCurves(
    [
      {
        run: 0,
        metric: 0,
        kind: 'noisy',
        series: new Map([
          [2, 5],
          [1, 6],
        ]),
      },
      { run: 0, metric: 1, kind: 'sparse', series: new Map([[0, 7]]) },
      { run: 1, metric: 0, kind: 'exact', series: new Map([[4, 1]]) },
    ],
    4,
  );
  expect(steps).toEqual([0, 1, 2, 4]);
  expect(columns.map(({ run, metric, look }) => [run, metric, look])).toEqual([
    [0, 0, 'noisy'],
    [0, 0, 'smoothed'],
    [0, 1, 'sparse'],
    [1, 0, 'exact'],
  ]);
  expect(columns[0]?.values).toEqual([null, 6, 5, null]);
  expect(columns[2]?.values).toEqual([7, null, null, null]);
  expect(columns[3]?.values).toEqual([null, null, null, 1]);
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
  const titles = (...names: string[]): string[] =>
    groupsWith((name) => names.includes(name)).map(({ title }) => title);
  expect(titles()).toEqual(['Loss']);
  expect(titles('train/loss', 'train/step_seconds')).toEqual(['Loss', 'Speed']);
  expect(groupsWith((name) => name === 'train/step_seconds')[0]?.charts).toHaveLength(1);
});

it('smooths without pulling the first values to zero, and over gaps', () => {
  expect(smooth([3, null, 3, 3], 0.9)).toEqual(
    [3, null, 3, 3].map((value) => value && expect.closeTo(value, 12)),
  );
  // (0.5 · 4 · 0.5 + 0.5 · 1) / (1 - 0.25)
  expect(smooth([4, 1], 0.5)[1]).toBeCloseTo(2, 12);
});
