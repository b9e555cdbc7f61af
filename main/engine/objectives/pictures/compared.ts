import type { Batch } from '../../data/batches/batch.ts';
import type { Model } from '../../models/model.ts';
import type { Tensor } from '../../tensor.ts';
import type { BatchObjective } from '../objective.ts';
import { tokenRows, tokenWeights } from '../text/token-weights.ts';
import type { SideOfBatch } from './row-tensors.ts';

/** The batch of pictures and texts, with what the loss takes besides. */
export const comparedBatch = (
  pictures: SideOfBatch,
  texts: SideOfBatch,
  targets: Readonly<Record<string, Tensor>>,
): Batch => ({
  tensors: { ...pictures.tensors, ...texts.tensors, ...targets },
  batch: pictures.rows,
  sequence: texts.sequence,
  scored: pictures.rows,
  tokens: pictures.tokens + texts.tokens,
});

/** 0, 1, 2, … as a tensor. */
export const numbered = (length: number): Tensor => ({
  shape: [length],
  data: BigInt64Array.from({ length }, (_, at) => BigInt(at)),
});

/** Names of the tensors of a batch that only a loss takes. */
type TargetName = string;

/** What objectives share that compare all pictures of a batch with all of its texts. */
export const comparing = (
  targets: readonly TargetName[],
): Pick<
  BatchObjective,
  'labelsAtMost' | 'labelsToEstimate' | 'scored' | 'weightedRows' | 'calibrationWeights'
> => ({
  labelsAtMost: ({ batchSize }) => batchSize,
  labelsToEstimate: ({ batchSize }) => batchSize,
  scored: {
    rows: (_, hidden) => hidden,
    logits: (_, { hidden, head }) => head.logits(hidden),
    feeds: ({ tensors }) =>
      Object.fromEntries(Object.entries(tensors).filter(([name]) => !targets.includes(name))),
    real: (_, logits) => logits,
  },
  // Patches of a picture count alike, and there is no padding among them.
  weightedRows: tokenRows,
  calibrationWeights: (batch, options) =>
    'attention_mask' in batch.tensors
      ? tokenWeights(batch, { ...options, tokens: 'all' })
      : new Float32Array(),
});

/** How large the batch is that exports are checked on. */
const [samplePictures, sampleTexts, sampleLength] = [3, 5, 16];

/** Pictures of noise and texts of random tokens. */
export const sampleOf =
  (randomBatch: BatchObjective['randomBatch']) =>
  ({ architecture }: Model): Batch =>
    randomBatch({
      ...architecture,
      batchSize: samplePictures,
      sequenceLength: Math.min(sampleLength, architecture.maximumPositions),
      outputs: sampleTexts,
      labels: null,
      seed: 0,
    });
