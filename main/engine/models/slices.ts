import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/graph.ts';

/** Parts of a value along an axis, of these sizes from its beginning on. */
export const slices = (g: GraphBuilder, x: Value, axis: number, sizes: readonly number[]): Value[] => {
  let from = 0;
  return sizes.map((size) => g.slice(x, axis, from, (from += size)));
};
