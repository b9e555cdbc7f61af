import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/graph.ts';
import type { Site } from '../models/model.ts';

/** The two sides of a delta: left (out x rank), right (rank x in), and the scalar that their product is multiplied by. */
export interface Delta {
  readonly left: Value;
  readonly right: Value;
  readonly scaling: Value;
}

/** What the site's output becomes: output + scaling * left (right x). */
export const adaptSite = (
  g: GraphBuilder,
  { input, output }: Site,
  { left, right, scaling }: Delta,
): Value => {
  const down = g.mark(g.matmul(input, right, { transposeB: true }), 'costly');
  const up = g.mark(g.multiply(left, scaling), 'always');
  return g.add(output, g.matmul(down, up, { transposeB: true }));
};
