import type { Batch } from '../data/batches.ts';
import type { Tensor } from '../runtime/session.ts';

/** The token inputs of a batch, as every model graph takes them. */
export const tokenTensors = ({
  inputIds,
  attentionMask,
  positionIds,
  segmentIds,
  batch,
  sequence,
}: Batch): Record<string, Tensor> => {
  const shape = [batch, sequence];
  return {
    input_ids: { shape, data: inputIds },
    attention_mask: { shape, data: attentionMask },
    position_ids: { shape, data: positionIds },
    segment_ids: { shape, data: segmentIds },
  };
};

/** The token inputs and the labels of a batch. */
export const lossTensors = (batch: Batch): Record<string, Tensor> => ({
  ...tokenTensors(batch),
  label_rows: { shape: [batch.labelRows.length], data: batch.labelRows },
  label_targets: { shape: [batch.labelTargets.length], data: batch.labelTargets },
});

export const scalarTensor = (value: number): Tensor => ({ shape: [], data: Float32Array.of(value) });
export const vectorTensor = (data: Float32Array): Tensor => ({ shape: [data.length], data });
