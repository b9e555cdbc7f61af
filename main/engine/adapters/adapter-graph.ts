import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/graph.ts';
import type { Site } from '../models/model.ts';
import type { AdapterDescription } from './adapter-description.ts';
import { factorChain, factorKey, type Factor } from './factors.ts';

/**
 * What the site's output becomes: output + scaling * left (right x). Each side is multiplied out first, once a step: nested
 * adapters then cost per token what a plain LoRA of the inner rank costs.
 */
export const adaptSite = (
  g: GraphBuilder,
  { layer, input, output }: Site,
  description: AdapterDescription,
  factor: (key: string, factor: Factor) => Value,
): Value => {
  const { left, right } = factorChain(description, layer);
  const multiplied = (side: readonly Factor[]): Value =>
    g.mark(
      side.map((one) => factor(factorKey(layer.module, one), one)).reduce((a, b) => g.matmul(a, b)),
      'always',
    );
  const down = g.mark(g.matmul(input, multiplied(right), { transposeB: true }), 'costly');
  const up = g.mark(g.multiply(multiplied(left), description.scaling), 'always');
  return g.add(output, g.matmul(down, up, { transposeB: true }));
};
