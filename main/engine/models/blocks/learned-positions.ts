import type { Value } from '../../graph/graph.ts';
import { embeddingLayer, type ForwardContext } from '../architecture.ts';
import { flattenTokens } from './attention.ts';

/**
 * A learned vector for each position (batch * sequence x width).
 * @param rows of the table, of which the first `skipped` are for no position
 */
export const learnedPositions = (
  { g, embedding, tokens }: ForwardContext,
  module: string,
  { rows, width, skipped = 0 }: { readonly rows: number; readonly width: number; readonly skipped?: number },
): Value => {
  const positions = flattenTokens(g, tokens.positionIds);
  const row = (): Value => g.cast(g.add(g.cast(positions, 'float32'), skipped), 'int64');
  return embedding(embeddingLayer(module, rows, width), skipped === 0 ? positions : row());
};
