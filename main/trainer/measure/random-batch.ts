import type { Batch } from '../../engine/data/batches/batches.ts';
import { createRandom } from '../../engine/random.ts';

export interface RandomBatchOptions {
  readonly batchSize: number;
  readonly sequenceLength: number;
  /** Labelled tokens at the end of each row; null: every token that has one before it. */
  readonly labels: number | null;
  readonly vocabularySize: number;
  readonly seed: number;
}

/** Rows of random tokens without padding. A token is predicted from those before it, so a row has a target less than tokens. */
export const randomBatch = ({
  batchSize: batch,
  sequenceLength: sequence,
  labels,
  vocabularySize,
  seed,
}: RandomBatchOptions): Batch => {
  const random = createRandom(seed);
  const tokens = batch * sequence;
  const inputIds = BigInt64Array.from({ length: tokens }, () => BigInt(random.integer(vocabularySize)));
  const perRow = Math.min(labels ?? sequence - 1, sequence - 1);
  const labelRows = BigInt64Array.from({ length: batch * perRow }, (_, index) => {
    const row = Math.floor(index / perRow);
    return BigInt(row * sequence + sequence - 1 - perRow + (index % perRow));
  });
  return {
    inputIds,
    attentionMask: new BigInt64Array(tokens).fill(1n),
    positionIds: BigInt64Array.from({ length: tokens }, (_, index) => BigInt(index % sequence)),
    segmentIds: new BigInt64Array(tokens),
    tokenTypes: new BigInt64Array(tokens),
    labelRows,
    labelTargets: labelRows.map((row) => inputIds[Number(row) + 1] as bigint),
    batch,
    sequence,
    tokens,
  };
};
