import { multipleOf, type Extents } from './dimension.ts';
import type { NamedValue } from './graph.ts';

/**
 * The named extents (`batch`, `sequence`, ...) that the shapes of a graph's inputs give in a run.
 * @throws Error where an axis is no multiple of what it is a multiple of: 65 entries along `8*rows`
 */
export const extentsOf = (
  inputs: readonly NamedValue[],
  shapeOf: (name: string) => readonly number[] | undefined,
): Extents => {
  const extents: Record<string, number> = {};
  for (const { name, value } of inputs) {
    const actual = shapeOf(name);
    value.shape.forEach((dimension, axis) => {
      const told = multipleOf(dimension);
      const extent = actual?.[axis];
      if (!told || extent === undefined) return;
      if (extent % told.count !== 0)
        throw new Error(
          `${name}: axis ${axis} has ${extent} entries, not a multiple of ${told.count} as ${dimension} asks`,
        );
      extents[told.name] = extent / told.count;
    });
  }
  return extents;
};
