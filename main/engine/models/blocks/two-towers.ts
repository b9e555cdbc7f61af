import type { GraphBuilder } from '../../graph/builder.ts';
import type { Value } from '../../graph/graph.ts';
import type { ForwardContext, ForwardResult, Towers } from '../architecture.ts';

/** x / |x| of each row (n x width). */
const unit = (g: GraphBuilder, rows: Value): Value =>
  g.divide(rows, g.squareRoot(g.sum(g.multiply(rows, rows), [-1])));

/**
 * A model that compares pictures with texts: its hidden states are the pictures' unit vectors times exp(logit_scale) (pictures x width),
 * and its head scores a picture by its products with the texts' unit vectors: (n x width) to (n x texts).
 */
export const compareTowers = (
  { pictures, texts }: Pick<Towers, 'pictures' | 'texts'>,
  context: ForwardContext,
): ForwardResult => {
  const { g, weight } = context;
  const scale = g.exponential(weight('logit_scale', []));
  const hidden = g.mark(g.multiply(unit(g, pictures.embed(context)), scale), 'costly');
  const ofTexts = g.mark(unit(g, texts.embed(context)), 'costly');
  return {
    hidden,
    texts: ofTexts,
    head: { frozen: false, logits: (rows) => g.matmul(rows, ofTexts, { transposeB: true }) },
  };
};
