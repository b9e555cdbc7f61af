import type { GraphBuilder } from '../../graph/builder.ts';
import type { Value } from '../../graph/graph.ts';
import type { ForwardContext, ForwardResult, Towers } from '../architecture.ts';

/** A model whose hidden states are what it gives. */
export const embeddings = (hidden: Value): ForwardResult => ({
  hidden,
  head: { frozen: true, logits: (rows) => rows },
});

/** x / |x| of each row (n x width). */
const unit = (g: GraphBuilder, rows: Value): Value =>
  g.divide(rows, g.squareRoot(g.sum(g.multiply(rows, rows), [-1])));

/**
 * A model that compares pictures with texts: its hidden states are the pictures' unit vectors times exp(logit_scale) (pictures x width),
 * and its head scores a picture by its products with the texts' unit vectors: (n x width) to (n x texts). A bias of all scores is one number
 * more of each row, the bias itself of a picture and 1 of a text, so that whoever compares rows knows of products alone.
 */
export const compareTowers = (
  { pictures, texts, scores }: Pick<Towers, 'pictures' | 'texts' | 'scores'>,
  context: ForwardContext,
): ForwardResult => {
  const { g, weight } = context;
  const scale = g.within('scores', () => g.exponential(weight('logit_scale', scores.shape)));
  const beside = (rows: Value, one: () => Value | number): Value =>
    scores.hasBias ? g.concatenate([rows, g.expand(one(), [rows.shape[0]!, 1])], 1) : rows;
  const ofPictures = g.within('pictures', () => g.multiply(unit(g, pictures.embed(context)), scale));
  const hidden = g.mark(
    beside(ofPictures, () => weight('logit_bias', scores.shape)),
    'costly',
  );
  const ofTexts = g.mark(
    beside(
      g.within('texts', () => unit(g, texts.embed(context))),
      () => 1,
    ),
    'costly',
  );
  return {
    hidden,
    texts: ofTexts,
    head: {
      frozen: false,
      logits: (rows) => g.within('scores', () => g.matmul(rows, ofTexts, { transposeB: true })),
    },
  };
};
