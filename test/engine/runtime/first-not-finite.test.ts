import { expect, test } from 'vitest';
import { createGraphBuilder } from '../../../main/engine/graph/create-graph-builder.ts';
import { firstNotFinite } from '../../../main/engine/runtime/first-not-finite.ts';

/** Two layers, the second on the first, each one number: y = scale * (weight * x + shift). */
const twoLayers = (weight: number) => {
  const g = createGraphBuilder();
  const x = g.input('x', 'float32', ['rows', 1]);
  const one = g.constant('model.one.weight', [1, 1], Float32Array.of(weight));
  // As a weight in another dtype is made: what is made of a weight alone is the weight's.
  const cast = g.add(one, 0);
  const inner = g.matmul(x, cast);
  const given = g.input('model.two.right', 'float32', [1, 1]);
  const outer = g.matmul(g.exponential(inner), given);
  return g.build({ y: outer });
};

const column = (...numbers: number[]) => ({ shape: [numbers.length, 1], data: Float32Array.from(numbers) });

test('names the first module whose output is no number', async () => {
  const options = { threads: 1 };
  const find = (weight: number, x: number, right: number) =>
    firstNotFinite(twoLayers(weight), { x: column(1, x), 'model.two.right': column(right) }, options);
  expect(await find(2, 3, 1)).toBeNull();
  expect(await find(Infinity, 3, 1)).toBe('model.one');
  expect(await find(2, 3e38, 1)).toBe('model.one');
  // exp() overflows between the two: the second is the first layer that gives what is no number.
  expect(await find(2, 300, 1)).toBe('model.two');
  expect(await find(2, 3, NaN)).toBe('model.two');
});

test('a graph without weights has no module to name', async () => {
  const g = createGraphBuilder();
  const x = g.input('x', 'float32', ['rows', 1]);
  expect(
    await firstNotFinite(g.build({ y: g.exponential(x) }), { x: column(1000) }, { threads: 1 }),
  ).toBeNull();
});
