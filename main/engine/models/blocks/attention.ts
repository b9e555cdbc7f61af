import type { GraphBuilder } from '../../graph/builder.ts';
import { product, type Dimension } from '../../graph/dimension.ts';
import type { Value } from '../../graph/graph.ts';
import type { ForwardContext, KeyTokens, TokenInputs } from '../architecture.ts';

/** Large enough to vanish in any softmax, small enough not to overflow when scores are added. */
const masked = -1e30;

/** Which keys a query may look at: real ones of its segment, not after it where causal, and of the last `window` positions where there is one. */
export interface AttentionPattern {
  readonly causal: boolean;
  readonly window: number | null;
}

/** The tokens whose keys attention sees: those that are remembered, then those of this run. */
const keyTokens = ({ g, tokens, past }: Pick<ForwardContext, 'g' | 'tokens' | 'past'>): KeyTokens => {
  if (!past) return tokens;
  const joined = (of: keyof KeyTokens): Value => g.concatenate([past.tokens[of], tokens[of]], 1);
  return {
    attentionMask: joined('attentionMask'),
    positionIds: joined('positionIds'),
    segmentIds: joined('segmentIds'),
  };
};

/** Whether a key's segment is the query's, or one that it goes on from: with segments numbered depth first, those from it to its last one do. */
const sameText = (g: GraphBuilder, query: Value, key: Value, lastOfKey: Value | undefined): Value =>
  lastOfKey === undefined
    ? g.equal(query, key)
    : g.and(g.lessOrEqual(key, query), g.lessOrEqual(query, lastOfKey));

/**
 * What is added to attention scores, float32 (batch x 1 x sequence x keys): 0 where a query may look at a key,
 * a very large negative number elsewhere.
 */
export const attentionBias = (
  context: Pick<ForwardContext, 'g' | 'tokens' | 'past'>,
  pattern: AttentionPattern,
): Value => context.g.within('attention mask', () => maskedScores(context, pattern));

const maskedScores = (
  context: Pick<ForwardContext, 'g' | 'tokens' | 'past'>,
  { causal, window }: AttentionPattern,
): Value => {
  const { g, tokens } = context;
  const keys = keyTokens(context);
  const [batch, sequence] = tokens.positionIds.shape as [string, string];
  const asQuery = (x: Value): Value => g.reshape(x, [batch, 1, sequence, 1]);
  const asKey = (x: Value): Value => g.reshape(x, [batch, 1, 1, x.shape[1] as Dimension]);
  const one = g.constant(`one:${String(window)}`, [], BigInt64Array.of(1n));
  const real = g.equal(asKey(keys.attentionMask), one);
  const last = tokens.lastSegments && asKey(tokens.lastSegments);
  let allowed = g.and(real, sameText(g, asQuery(tokens.segmentIds), asKey(keys.segmentIds), last));
  if (causal) allowed = g.and(allowed, g.lessOrEqual(asKey(keys.positionIds), asQuery(tokens.positionIds)));
  if (window !== null) {
    const [places, keyPlaces] = [tokens, keys].map(({ positionIds }) => g.cast(positionIds, 'float32'));
    // The window counts the query itself: keys from its place - (window - 1) on.
    const oldest = g.subtract(asQuery(places as Value), window - 1);
    allowed = g.and(allowed, g.lessOrEqual(oldest, asKey(keyPlaces as Value)));
  }
  return g.mark(g.select(allowed, 0, masked), 'always');
};

/** Query rows whose scores are computed at a time; fewer than this is no faster, more no smaller on one core's cache. */
const usualTile = 256;

/** Of what scores are computed at a time. */
interface ScoreTile {
  /** Query rows; 256 where absent. */
  readonly tile?: number;
  /** Heads of queries; all where absent. */
  readonly headsAtOnce?: number | null;
}

/**
 * The same where a picture's places look at keys: all at once where that makes 64 MB of scores a picture at most; otherwise one head at a
 * time, of as many rows as make 8 MB, which stay in the cache from one product to the next. Products of few rows pack their other side anew
 * each time: 256 at least.
 */
export const pictureTile = (heads: number, keys: number): Required<ScoreTile> => {
  const together = Math.floor(2 ** 24 / (heads * keys));
  return together >= keys
    ? { tile: together, headsAtOnce: heads }
    : { tile: Math.max(usualTile, Math.floor(2 ** 21 / keys)), headsAtOnce: 1 };
};

/** Batch and sequence. */
export const shapeOfTokens = ({ positionIds }: Pick<TokenInputs, 'positionIds'>): [Dimension, Dimension] =>
  positionIds.shape as [Dimension, Dimension];

/** (batch x sequence x ...) -> (batch * sequence x ...): products of plain matrices need no reshapes around them. */
export const flattenTokens = (g: GraphBuilder, x: Value): Value => {
  const [batch, sequence, ...rest] = x.shape as [string, string, ...number[]];
  return g.reshape(x, [product([batch, sequence]), ...rest]);
};

/**
 * (batch * sequence x heads * width) -> (batch x heads x sequence x width)
 * @param rows batch and sequence
 */
export const splitHeads = (
  g: GraphBuilder,
  [batch, sequence]: readonly [Dimension, Dimension],
  x: Value,
  { heads, width }: { readonly heads: number; readonly width: number },
): Value => g.within('heads', () => g.transpose(g.reshape(x, [batch, sequence, heads, width]), [0, 2, 1, 3]));

export interface AttentionOptions extends ScoreTile {
  /** Of the scores; null where every query looks at every key. */
  readonly bias: Value | null;
  /** Of the scores; 1 / sqrt(width) as a rule. */
  readonly scale: number;
  readonly causal: boolean;
  readonly softcap: number | null;
  /** Whether the backward pass has the output anyway; true where absent. Where it does not, it is not kept. */
  readonly outputKept?: boolean;
}

const mixedValues = (
  { g, past, positions }: Pick<ForwardContext, 'g' | 'past' | 'positions'>,
  [q, k, v]: readonly [Value, Value, Value],
  { bias, scale, causal, softcap, outputKept = true, tile = usualTile, headsAtOnce = null }: AttentionOptions,
): Value => {
  if (past) {
    if (!bias) throw new Error('of what is remembered a bias has to tell what a query may look at');
    const group = (q.shape[1] as number) / (k.shape[1] as number);
    const ofGroup = group === 1 ? bias : g.concatenate(Array<Value>(group).fill(bias), 2);
    return g.attentionWithPast(q, k, v, ...past.exchange(k, v), ofGroup, { scale, softcap });
  }
  return g.attention(g.mark(q, 'costly'), g.mark(k, 'costly'), g.mark(v, 'costly'), bias ? [bias] : [], {
    scale,
    tile,
    headsAtOnce,
    positions,
    causal,
    softcap,
    outputKept,
  });
};

/**
 * softmax(scale q k^T + bias) v, over what is remembered too, with grouped queries: neighbouring query heads share a key/value head.
 * q (batch x heads x sequence x width), k and v (batch x key/value heads x sequence x width) -> (batch * sequence x heads * width)
 */
export const groupedAttention = (
  context: Pick<ForwardContext, 'g' | 'past' | 'positions'>,
  qkv: readonly [Value, Value, Value],
  options: AttentionOptions,
): Value => {
  const { g } = context;
  const [batch, heads, sequence, width] = qkv[0].shape as [Dimension, number, Dimension, number];
  const mixed = g.within('attention', () => mixedValues(context, qkv, options));
  return g.within('heads', () => {
    const merged = g.transpose(g.mark(mixed, 'costly'), [0, 2, 1, 3]);
    return g.reshape(merged, [product([batch, sequence]), heads * width]);
  });
};
