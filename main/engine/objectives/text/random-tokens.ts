import { tokenBatch, type TokenBatch, type TokenFields } from '../../data/batches/token-batch.ts';
import { createRandom, type Random } from '../../random.ts';
import type { RandomBatchOptions } from '../objective.ts';

type Labels = Pick<TokenFields, 'labelRows' | 'labelTargets'>;

/** Rows of random tokens without padding, with the labels that `label` gives them. */
export const randomTokens = (
  { batchSize: batch, sequenceLength: sequence, vocabularySize, seed }: RandomBatchOptions,
  label: (inputIds: BigInt64Array, random: Random) => Labels,
): TokenBatch => {
  const random = createRandom(seed);
  const tokens = batch * sequence;
  const inputIds = BigInt64Array.from({ length: tokens }, () => BigInt(random.integer(vocabularySize)));
  return tokenBatch({
    inputIds,
    attentionMask: new BigInt64Array(tokens).fill(1n),
    positionIds: BigInt64Array.from({ length: tokens }, (_, index) => BigInt(index % sequence)),
    segmentIds: new BigInt64Array(tokens),
    tokenTypes: new BigInt64Array(tokens),
    ...label(inputIds, random),
    batch,
    sequence,
    tokens,
  });
};
