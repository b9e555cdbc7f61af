import type { Dimension, Shape } from '../graph/dimension.ts';
import type { NamedValue } from '../graph/graph.ts';

/** The named extents (`batch`, `sequence`, ...) that the shapes of the inputs give. */
export const extentsOf = (
  inputs: readonly NamedValue[],
  shapeOf: (name: string) => readonly number[] | undefined,
): ReadonlyMap<string, number> => {
  const extents = new Map<string, number>();
  for (const { name, value } of inputs) {
    const actual = shapeOf(name);
    value.shape.forEach((dimension, axis) => {
      const extent = actual?.[axis];
      if (typeof dimension === 'string' && extent !== undefined) extents.set(dimension, extent);
    });
  }
  return extents;
};

const evaluate = (dimension: Dimension, extents: ReadonlyMap<string, number>): number =>
  String(dimension)
    .split('*')
    .reduce((product, factor) => product * (extents.get(factor) ?? Number(factor)), 1);

/** A shape in numbers. */
export const resolveShape = (shape: Shape, extents: ReadonlyMap<string, number>): number[] =>
  shape.map((dimension) => {
    const extent = evaluate(dimension, extents);
    if (Number.isNaN(extent)) throw new Error(`no input has an axis of extent ${dimension}`);
    return extent;
  });
