import { isName, type Extents } from './dimension.ts';
import type { NamedValue } from './graph.ts';

/** The named extents (`batch`, `sequence`, ...) that the shapes of a graph's inputs give in a run. */
export const extentsOf = (
  inputs: readonly NamedValue[],
  shapeOf: (name: string) => readonly number[] | undefined,
): Extents => {
  const extents: Record<string, number> = {};
  for (const { name, value } of inputs) {
    const actual = shapeOf(name);
    value.shape.forEach((dimension, axis) => {
      const extent = actual?.[axis];
      if (isName(dimension) && extent !== undefined) extents[dimension] = extent;
    });
  }
  return extents;
};
