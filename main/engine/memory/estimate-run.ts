import { describeAdapter, type AdapterSettings } from '../adapters/settings/adapter-settings.ts';
import { selectTargets, selectWeights } from '../adapters/layer/target-modules.ts';
import { describeBaseFormat } from '../models/weights/quantized-base.ts';
import type { Model } from '../models/model.ts';
import { labelChunks, labelsAtMost } from '../train/batch/label-chunks.ts';
import type { TrainingSettings } from '../train/settings/training-settings.ts';
import { estimateMemory, type MemoryEstimate } from './estimate.ts';

/**
 * Chunks of labelled rows that an estimate has in its graph. One chunk's logits are in memory at a time, so more of them add next
 * to nothing, but each adds nodes: a batch of a million tokens would be a graph of a million nodes.
 */
const chunksAtMost = 64;

/**
 * The peak memory of a run with these settings. Which tokens carry loss is known to the data only; here it is every one. Neither
 * reads weights nor makes files: a base in another format is described, not made.
 */
export const estimateRun = (
  model: Model,
  adapter: AdapterSettings,
  training: TrainingSettings,
): MemoryEstimate => {
  const { batchSize, sequenceLength, memory, gradientAccumulation, baseFormat } = training;
  const { size } = labelChunks(1, model.architecture.outputs);
  return estimateMemory({
    model: describeBaseFormat(model, baseFormat),
    description: describeAdapter(adapter),
    layers: selectTargets(model.targetLayers, adapter),
    trainedWeights: selectWeights(model.weightShapes.keys(), adapter),
    batchSize,
    sequenceLength,
    labels: Math.min(labelsAtMost(model.architecture, training), chunksAtMost * size),
    memory,
    accumulate: gradientAccumulation > 1,
  });
};
