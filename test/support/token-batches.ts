import {
  createBatchStream,
  sequentialBatches,
  type BatchOptions,
  type BatchStream,
  type BatchStreamState,
} from '../../main/engine/data/batches/batches.ts';
import { tokenBatching, type TokenBatchingOptions } from '../../main/engine/data/batches/token-batching.ts';
import type { TokenBatch } from '../../main/engine/data/batches/token-batch.ts';
import type { Example } from '../../main/engine/data/examples/examples.ts';

type Options = TokenBatchingOptions & Omit<BatchOptions<Example, TokenBatch>, 'batching'>;

/** Batches of token rows in order, whose tokens before each target are scored. */
export const tokenBatches = (options: Options): Generator<TokenBatch, void, undefined> =>
  sequentialBatches({ ...options, batching: tokenBatching(options) });

/** The same, epoch after epoch. */
export const tokenStream = (
  options: Options & {
    readonly seed: number;
    readonly epochs?: number;
    readonly state?: BatchStreamState;
  },
): BatchStream<TokenBatch> => createBatchStream({ ...options, batching: tokenBatching(options) });
