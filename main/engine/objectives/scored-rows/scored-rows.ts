import { integersOf, type Batch } from '../../data/batches/batch.ts';
import type { Tensor } from '../../tensor.ts';
import type { BatchObjective } from '../objective.ts';
import { labelChunks, labelExtents, labelInputs } from './label-chunks.ts';

/** Of the tensors of a batch, those that the model itself takes. */
export const modelTensors = ({ tensors }: Batch): Record<string, Tensor> => {
  const { label_rows: _, label_targets: __, ...ofModel } = tensors;
  return ofModel;
};

/**
 * Chunks of scored rows that an estimate has in its graph. One chunk's logits are in memory at a time, so more of them add next
 * to nothing, but each adds nodes: a batch of a million tokens would be a graph of a million nodes.
 */
const chunksAtMost = 64;

/** As many scored rows as an estimate of memory needs. */
export const withinChunks = (labels: number, outputs: number): number =>
  Math.min(labels, chunksAtMost * labelChunks(1, outputs).size);

/**
 * What objectives share that score rows of hidden states, each against one target: rows and targets of a batch go into the graph in
 * chunks, of which the last ones may be empty, and the loss is a sum over rows, whose mean is taken over all rows of a step.
 */
export const scoredRows: Pick<BatchObjective, 'feeds' | 'extents' | 'scales' | 'splits'> = {
  feeds: (batch, { labels, outputs }) => {
    const { count, size } = labelChunks(labels, outputs);
    const tensors = modelTensors(batch);
    for (let chunk = 0; chunk < count; chunk++) {
      const { rows, targets } = labelInputs(chunk);
      const part = (name: string): Tensor => {
        const data = integersOf(batch, name).subarray(chunk * size, (chunk + 1) * size);
        return { shape: [data.length], data };
      };
      tensors[rows] = part('label_rows');
      tensors[targets] = part('label_targets');
    }
    return tensors;
  },
  extents: ({ batchSize, sequenceLength }, { labels, outputs }) => ({
    batch: batchSize,
    sequence: sequenceLength,
    ...labelExtents(labels, outputs),
  }),
  scales: (batches) => {
    const scored = batches.reduce((sum, batch) => sum + batch.scored, 0);
    return batches.map(() => 1 / scored);
  },
  splits: true,
};
