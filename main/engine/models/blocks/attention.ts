import type { GraphBuilder } from '../../graph/builder.ts';
import { product } from '../../graph/dimension.ts';
import type { Value } from '../../graph/graph.ts';
import type { TokenInputs } from '../architecture.ts';

/** Large enough to vanish in any softmax, small enough not to overflow when scores are added. */
const masked = -1e30;

/**
 * What is added to attention scores, float32 (batch x 1 x sequence x sequence): 0 where a query may look at a key,
 * a very large negative number elsewhere. A key must be real, in the query's segment, and not after it.
 */
export const causalBias = (
  g: GraphBuilder,
  { attentionMask, positionIds, segmentIds }: TokenInputs,
): Value => {
  const [batch, sequence] = positionIds.shape as [string, string];
  const asQuery = (x: Value): Value => g.reshape(x, [batch, 1, sequence, 1]);
  const asKey = (x: Value): Value => g.reshape(x, [batch, 1, 1, sequence]);
  const real = g.equal(asKey(attentionMask), g.constant('one', [], BigInt64Array.of(1n)));
  const together = g.equal(asQuery(segmentIds), asKey(segmentIds));
  const before = g.lessOrEqual(asKey(positionIds), asQuery(positionIds));
  return g.mark(g.select(g.and(real, g.and(together, before)), 0, masked), 'always');
};

/** Query rows whose scores are computed at a time; fewer than this is no faster, more no smaller on one core's cache. */
const tile = 256;

/** (batch x sequence x width) -> (batch * sequence x width): products of plain matrices need no reshapes around them. */
export const flattenTokens = (g: GraphBuilder, x: Value): Value => {
  const [batch, sequence, width] = x.shape as [string, string, number];
  return g.reshape(x, [product([batch, sequence]), width]);
};

/** (batch * sequence x heads * width) -> (batch x heads x sequence x width) */
export const splitHeads = (
  g: GraphBuilder,
  { positionIds }: TokenInputs,
  x: Value,
  heads: number,
  width: number,
): Value => {
  const [batch, sequence] = positionIds.shape as [string, string];
  return g.transpose(g.reshape(x, [batch, sequence, heads, width]), [0, 2, 1, 3]);
};

/**
 * softmax(q k^T / sqrt(width) + bias) v with grouped queries: neighbouring query heads share a key/value head.
 * q (batch x heads x sequence x width), k and v (batch x key/value heads x sequence x width) -> (batch * sequence x heads * width)
 */
export const groupedAttention = (
  g: GraphBuilder,
  [q, k, v]: readonly [Value, Value, Value],
  bias: Value,
  positions: number,
): Value => {
  const [batch, heads, sequence, width] = q.shape as [string, number, string, number];
  const mixed = g.attention(g.mark(q, 'costly'), g.mark(k, 'costly'), g.mark(v, 'costly'), bias, {
    scale: 1 / Math.sqrt(width),
    tile,
    positions,
  });
  const merged = g.transpose(g.mark(mixed, 'costly'), [0, 2, 1, 3]);
  return g.reshape(merged, [product([batch, sequence]), heads * width]);
};
