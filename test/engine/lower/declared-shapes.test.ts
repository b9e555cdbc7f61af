import { expect, test } from 'vitest';
import { createGraphBuilder } from '../../../main/engine/graph/create-graph-builder.ts';
import type { Value } from '../../../main/engine/graph/graph.ts';
import { declaredShapes } from '../../../main/engine/lower/declared-shapes.ts';
import { createSession } from '../../../main/engine/runtime/session.ts';

/** Dies at once, then so many other nodes, then a value of the same shape. */
const shapesAround = (between: number, shape = ['batch', 4] as (string | number)[]) => {
  const g = createGraphBuilder();
  const x = g.input('x', 'float32', shape);
  const first = g.transpose(x, [1, 0]);
  let other: Value = g.sum(first, [0, 1]);
  for (let node = 0; node < between; node++) other = g.negate(other);
  const later = g.transpose(g.add(x, other), [1, 0]);
  const shapeOf = declaredShapes(g.build({ y: g.exponential(g.negate(later)) }));
  return { first: shapeOf(first), later: shapeOf(later) };
};

test('a value may have the memory of one of the same shape that died nearby', () => {
  expect(shapesAround(3)).toEqual({ first: [4, "batch'1"], later: [4, "batch'1"] });
});

test('memory that lay idle for long is marked as of another size', () => {
  const { first, later } = shapesAround(30);
  expect(first).toEqual([4, "batch'1"]);
  expect(later).not.toEqual(first);
  expect(shapesAround(30, [3, 4])).toEqual({ first: [4, 3], later: [4, 3] });
});

test('no two pieces of memory have one mark: what an operator computes in between takes its extents from there', () => {
  const g = createGraphBuilder();
  const x = g.input('x', 'float32', ['batch', 4]);
  const kept = [g.negate(x), g.exponential(x), g.absolute(x)] as const;
  const sum = g.add(g.add(kept[0], kept[1]), kept[2]);
  const y = g.multiply(sum, g.multiply(g.multiply(kept[0], kept[1]), kept[2]));
  const shapeOf = declaredShapes(g.build({ y }));
  expect(new Set(kept.map((value) => String(shapeOf(value)))).size).toBe(3);
});

test('what is told changes no number', async () => {
  const g = createGraphBuilder();
  const x = g.input('x', 'float32', ['batch', 3]);
  let y: Value = x;
  for (let node = 0; node < 40; node++) {
    const turned = g.transpose(g.reshape(g.negate(y), [3, 'batch']), [1, 0]);
    y = node % 7 === 0 ? g.add(turned, x) : turned;
  }
  const session = await createSession(g.build({ y }), { threads: 1 });
  const compute = (rows: number): number[] => {
    const input = Array.from({ length: 3 * rows }, (_, at) => at + 1);
    let values = input;
    for (let node = 0; node < 40; node++) {
      const [negated, before] = [values.map((value) => -value), values];
      values = before.map((_, at) => negated[(at % 3) * rows + Math.floor(at / 3)]!);
      if (node % 7 === 0) values = values.map((value, at) => value + input[at]!);
    }
    return values;
  };
  for (const rows of [2, 5]) {
    const data = Float32Array.from({ length: 3 * rows }, (_, at) => at + 1);
    const { y: computed } = await session.run({ x: { shape: [rows, 3], data } });
    expect([...(computed!.data as Float32Array)]).toEqual(compute(rows));
  }
  await session.release();
});
