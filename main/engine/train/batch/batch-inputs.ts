import type { Batch } from '../../data/batches/batches.ts';
import type { Tensor } from '../../runtime/session.ts';
import type { labelChunks } from './label-chunks.ts';
import { labelInputs } from './label-chunks.ts';

/** The token inputs of a batch, as every model graph takes them. */
export const tokenTensors = ({
  inputIds,
  attentionMask,
  positionIds,
  segmentIds,
  tokenTypes,
  batch,
  sequence,
}: Batch): Record<string, Tensor> => {
  const shape = [batch, sequence];
  return {
    input_ids: { shape, data: inputIds },
    attention_mask: { shape, data: attentionMask },
    position_ids: { shape, data: positionIds },
    segment_ids: { shape, data: segmentIds },
    token_type_ids: { shape, data: tokenTypes },
  };
};

/** The rows of a classifier's logits: each example's first token in the flattened batch. */
export const firstTokens = ({ batch, sequence }: Batch): Record<string, Tensor> => ({
  first_tokens: {
    shape: [batch],
    data: BigInt64Array.from({ length: batch }, (_, row) => BigInt(row * sequence)),
  },
});

/** The token inputs and the labels of a batch, these in chunks, of which the last ones may be empty. */
export const lossTensors = (
  batch: Batch,
  { count, size }: ReturnType<typeof labelChunks>,
): Record<string, Tensor> => {
  const tensors = tokenTensors(batch);
  for (let chunk = 0; chunk < count; chunk++) {
    const { rows, targets } = labelInputs(chunk);
    const part = (of: BigInt64Array): Tensor => {
      const data = of.subarray(chunk * size, (chunk + 1) * size);
      return { shape: [data.length], data };
    };
    tensors[rows] = part(batch.labelRows);
    tensors[targets] = part(batch.labelTargets);
  }
  return tensors;
};

export const scalarTensor = (value: number): Tensor => ({ shape: [], data: Float32Array.of(value) });
export const vectorTensor = (data: Float32Array): Tensor => ({ shape: [data.length], data });

/** Zeros. */
export const emptyTensor = (shape: readonly number[]): Tensor => ({
  shape,
  data: new Float32Array(shape.reduce((a, b) => a * b, 1)),
});
