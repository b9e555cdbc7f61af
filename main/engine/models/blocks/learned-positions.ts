import type { Value } from '../../graph/graph.ts';
import type { ForwardContext } from '../architecture.ts';

/**
 * A learned vector for each position (batch x sequence x width).
 * @param rows of the table, of which the first `skipped` are for no position
 */
export const learnedPositions = (
  { g, weight, tokens }: ForwardContext,
  name: string,
  { rows, width, skipped = 0 }: { readonly rows: number; readonly width: number; readonly skipped?: number },
): Value => {
  const table = weight(name, [rows, width]);
  const used = skipped === 0 ? table : g.slice(table, 0, skipped, rows);
  return g.gatherRows(used, tokens.positionIds);
};
