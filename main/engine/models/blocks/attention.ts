import type { GraphBuilder } from '../../graph/builder.ts';
import { product } from '../../graph/dimension.ts';
import type { Value } from '../../graph/graph.ts';
import type { TokenInputs } from '../architecture.ts';

/** Large enough to vanish in any softmax, small enough not to overflow when scores are added. */
const masked = -1e30;

/** Which keys a query may look at: real ones of its segment, not after it where causal, and of the last `window` positions where there is one. */
export interface AttentionPattern {
  readonly causal: boolean;
  readonly window: number | null;
}

/**
 * What is added to attention scores, float32 (batch x 1 x sequence x sequence): 0 where a query may look at a key,
 * a very large negative number elsewhere.
 */
export const attentionBias = (
  g: GraphBuilder,
  { attentionMask, positionIds, segmentIds }: TokenInputs,
  { causal, window }: AttentionPattern,
): Value => {
  const [batch, sequence] = positionIds.shape as [string, string];
  const asQuery = (x: Value): Value => g.reshape(x, [batch, 1, sequence, 1]);
  const asKey = (x: Value): Value => g.reshape(x, [batch, 1, 1, sequence]);
  const one = g.constant(`one:${String(window)}`, [], BigInt64Array.of(1n));
  const real = g.equal(asKey(attentionMask), one);
  let allowed = g.and(real, g.equal(asQuery(segmentIds), asKey(segmentIds)));
  if (causal) allowed = g.and(allowed, g.lessOrEqual(asKey(positionIds), asQuery(positionIds)));
  if (window !== null) {
    const places = g.cast(positionIds, 'float32');
    // The window counts the query itself: keys from its place - (window - 1) on.
    const oldest = g.subtract(asQuery(places), window - 1);
    allowed = g.and(allowed, g.lessOrEqual(oldest, asKey(places)));
  }
  return g.mark(g.select(allowed, 0, masked), 'always');
};

/** Query rows whose scores are computed at a time; fewer than this is no faster, more no smaller on one core's cache. */
const tile = 256;

/** (batch x sequence x ...) -> (batch * sequence x ...): products of plain matrices need no reshapes around them. */
export const flattenTokens = (g: GraphBuilder, x: Value): Value => {
  const [batch, sequence, ...rest] = x.shape as [string, string, ...number[]];
  return g.reshape(x, [product([batch, sequence]), ...rest]);
};

/** (batch * sequence x heads * width) -> (batch x heads x sequence x width) */
export const splitHeads = (
  g: GraphBuilder,
  { positionIds }: TokenInputs,
  x: Value,
  { heads, width }: { readonly heads: number; readonly width: number },
): Value => {
  const [batch, sequence] = positionIds.shape as [string, string];
  return g.transpose(g.reshape(x, [batch, sequence, heads, width]), [0, 2, 1, 3]);
};

export interface AttentionOptions {
  readonly bias: Value;
  readonly positions: number;
  /** Of the scores; 1 / sqrt(width) as a rule. */
  readonly scale: number;
  readonly causal: boolean;
  readonly softcap: number | null;
}

/**
 * softmax(scale q k^T + bias) v with grouped queries: neighbouring query heads share a key/value head.
 * q (batch x heads x sequence x width), k and v (batch x key/value heads x sequence x width) -> (batch * sequence x heads * width)
 */
export const groupedAttention = (
  g: GraphBuilder,
  [q, k, v]: readonly [Value, Value, Value],
  { bias, positions, scale, causal, softcap }: AttentionOptions,
): Value => {
  const [batch, heads, sequence, width] = q.shape as [string, number, string, number];
  const mixed = g.attention(g.mark(q, 'costly'), g.mark(k, 'costly'), g.mark(v, 'costly'), bias, {
    scale,
    tile,
    positions,
    causal,
    softcap,
  });
  const merged = g.transpose(g.mark(mixed, 'costly'), [0, 2, 1, 3]);
  return g.reshape(merged, [product([batch, sequence]), heads * width]);
};
