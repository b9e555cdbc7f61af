import { createGraphBuilder } from '../../graph/create-graph-builder.ts';
import type { Model } from '../../models/model.ts';
import { unwatched, type Profiler } from '../../runtime/profile/profiler.ts';
import type { Tensor } from '../../tensor.ts';
import { adaptSites } from '../arms/adapt-sites.ts';
import { gainsOf } from '../arms/gains.ts';
import { ownWeights } from '../arms/own-weights.ts';
import { stackArms } from '../arms/stacked-arms.ts';
import { capacityFor, joinRows, remember, type Cache } from '../cache/cache.ts';
import type { GenerationArm } from '../generator.ts';
import { decodingGraph, type CacheShape } from './decoding-graph.ts';

/** The next token's scores for some rows. */
export interface Scores {
  /** Of a row, over the vocabulary. */
  readonly logits: (row: number) => Float32Array;
  /** Of a row's softmax: what exp(logit - largest) is divided by. */
  readonly largest: (row: number) => number;
  readonly normaliser: (row: number) => number;
}

/** Rows that go through the model together: each with its arm, and as many new tokens as the others. */
export interface NewTokens {
  readonly cache: Cache;
  readonly ids: readonly (readonly number[])[];
  readonly arms: readonly number[];
}

/** A model with its arms, compiled. */
export interface DecoderSession {
  readonly cacheShape: CacheShape;
  /** The scores after each row's last new token; the cache has them all then, and may be another one. */
  readonly forward: (tokens: NewTokens) => Promise<{ scores: Scores; cache: Cache }>;
  readonly release: () => Promise<void>;
}

export interface DecoderSessionOptions {
  readonly model: Model;
  /** Several without weights of their own, or one with. */
  readonly arms: readonly GenerationArm[];
  /** Position ids stay below this. */
  readonly positions: number;
  readonly threads: number | null;
  readonly profiler?: Profiler;
}

export const createDecoderSession = async ({
  model,
  arms,
  positions,
  threads,
  profiler = unwatched,
}: DecoderSessionOptions): Promise<DecoderSession> => {
  const stacked = stackArms(arms);
  const gains = await gainsOf(model, arms, stacked, threads);
  const g = createGraphBuilder();
  const sites = adaptSites(g, stacked, gains, arms.length);
  const { graph, cache: cacheShape } = decodingGraph(g, model, {
    positions,
    ...sites.options,
    ...(arms.length === 1 ? { weight: ownWeights(g, arms[0]!) } : {}),
  });
  const session = await profiler.session(graph, {
    threads,
    // Kernels for few bits have their own order of weights; float32 is read where it lies.
    packedWeights: model.base?.format === 'int8' || model.base?.format === 'int4',
  });
  const vocabulary = model.architecture.outputs;

  return {
    cacheShape,
    forward: async ({ cache: given, ids, arms: armOfRow }) => {
      const [rows, sequence] = [ids.length, ids[0]!.length];
      const cache = withRoom(given, cacheShape, sequence);
      const armOfToken = armOfRow.flatMap((arm) => Array.from({ length: sequence }, () => arm));
      const outputs = await session.run({
        ...cache.feeds,
        ...tokenFeeds(ids, cache.lengths),
        ...sites.feeds({ all: armOfToken, scored: armOfRow }),
      });
      const numbers = (name: string): Float32Array => outputs[name]!.data as Float32Array;
      remember(cache, cacheShape, numbers('memory'), { sequence, counts: ids.map(() => sequence) });
      const [logits, largest, normaliser] = ['logits', 'largest', 'normaliser'].map(numbers) as [
        Float32Array,
        Float32Array,
        Float32Array,
      ];
      return {
        cache,
        scores: {
          logits: (row) => logits.subarray(row * vocabulary, Math.min(rows, row + 1) * vocabulary),
          largest: (row) => largest[row]!,
          normaliser: (row) => normaliser[row]!,
        },
      };
    },
    release: session.release,
  };
};

/** The cache, or a larger one with the same in it. */
const withRoom = (cache: Cache, shape: CacheShape, tokens: number): Cache => {
  const needed = Math.max(...cache.lengths) + tokens;
  if (needed <= cache.capacity) return cache;
  const rows = Array.from({ length: cache.rows }, (_, row) => ({ cache, row }));
  return joinRows(shape, rows, capacityFor(needed));
};

/** No padding: all rows have as many new tokens, each at the place behind its last one. */
const tokenFeeds = (
  ids: readonly (readonly number[])[],
  lengths: readonly number[],
): Record<string, Tensor> => {
  const [rows, sequence] = [ids.length, ids[0]!.length];
  const each = (of: (row: number, at: number) => number): Tensor => ({
    shape: [rows, sequence],
    data: BigInt64Array.from({ length: rows * sequence }, (_, index) =>
      BigInt(of(Math.floor(index / sequence), index % sequence)),
    ),
  });
  return {
    input_ids: each((row, at) => ids[row]![at]!),
    attention_mask: each(() => 1),
    position_ids: each((row, at) => lengths[row]! + at),
    segment_ids: each(() => 0),
    token_type_ids: each(() => 0),
    scored_rows: {
      shape: [rows],
      data: BigInt64Array.from(ids, (_, row) => BigInt((row + 1) * sequence - 1)),
    },
  };
};
