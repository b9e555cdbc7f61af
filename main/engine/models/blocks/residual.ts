import type { GraphBuilder } from '../../graph/builder.ts';
import type { Value } from '../../graph/graph.ts';

/** x and what a part of a layer adds to it. */
export const residual = (g: GraphBuilder, x: Value, added: Value): Value =>
  g.within('residual', () => g.add(x, added));
