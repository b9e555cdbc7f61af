import { integersOf, type Batch } from '../../data/batches/batch.ts';
import type { CalibrationOptions } from '../objective.ts';

/** The tokens of a batch in the shapes of its graphs. */
export const tokenRows = 'batch*sequence';

/** 1 for the tokens of a batch that count, 0 for padding and the others. A label's row is that of the token before it. */
export const tokenWeights = (
  batch: Batch,
  { firstTokenCounts, tokens }: CalibrationOptions,
): Float32Array => {
  const positionIds = integersOf(batch, 'position_ids');
  const labelled = tokens === 'labelled' ? new Set(integersOf(batch, 'label_rows')) : null;
  return Float32Array.from(integersOf(batch, 'attention_mask'), (mask, at) => {
    if (!firstTokenCounts && positionIds[at] === 0n) return 0;
    return labelled === null || labelled.has(BigInt(at) - 1n) ? Number(mask) : 0;
  });
};
