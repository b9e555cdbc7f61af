import { expect, it } from 'vitest';
import { principalComponents, project } from '../../../main/engine/linear-algebra/principal-components.ts';
import { truncatedSvd } from '../../../main/engine/linear-algebra/truncated-svd.ts';
import { createRandom } from '../../../main/engine/random.ts';

const random = createRandom(3);
const [rows, columns] = [60, 9];
const data = Float32Array.from(
  { length: rows * columns },
  (_, at) => 5 + random.normal() * (at % columns === 4 ? 6 : at % columns === 1 ? 3 : 0.5),
);
const matrix = { rows, columns, data };

it('gives the axes, places and shares that a decomposition of the centred rows gives', () => {
  const found = principalComponents(matrix, 2);
  const { points, explained } = project(matrix, found);
  const mean = Float64Array.from({ length: columns }, (_, column) => {
    let sum = 0;
    for (let row = 0; row < rows; row++) sum += data[row * columns + column]!;
    return sum / rows;
  });
  const own = Float64Array.from(data, (value, at) => value - mean[at % columns]!);
  const all = truncatedSvd({ rows, columns, data: own }, columns);
  const total = all.singularValues.reduce((sum, value) => sum + value ** 2, 0);
  for (const axis of [0, 1]) {
    for (let column = 0; column < columns; column++)
      expect(found.axes.data[axis * columns + column]).toBeCloseTo(all.vt[axis * columns + column]!, 10);
    expect(explained[axis]).toBeCloseTo(all.singularValues[axis]! ** 2 / total, 10);
    for (let row = 0; row < rows; row++)
      expect(points.data[row * 2 + axis]).toBeCloseTo(
        all.u[row * columns + axis]! * all.singularValues[axis]!,
        8,
      );
  }
  expect(explained[0]! + explained[1]!).toBeGreaterThan(0.9);
});

it('has the same signs whichever way the rows point', () => {
  const { axes } = principalComponents({ ...matrix, data: data.map((value) => -value) }, 2);
  principalComponents(matrix, 2).axes.data.forEach((value, at) =>
    expect(axes.data[at]).toBeCloseTo(value, 10),
  );
});

it('rows that are all alike are one point, of which nothing is explained', () => {
  const same = { rows: 4, columns: 3, data: new Float64Array(12).fill(0.3) };
  const { points, explained } = project(same, principalComponents(same, 2));
  expect(explained).toEqual([0, 0]);
  for (const value of points.data) expect(value).toBeCloseTo(0, 12);
});
