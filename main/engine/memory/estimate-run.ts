import { describeAdapter, type AdapterSettings } from '../adapters/settings/adapter-settings.ts';
import { selectTargets, selectWeights } from '../adapters/layer/target-modules.ts';
import { describeBaseFormat } from '../models/weights/quantized-base.ts';
import type { Model } from '../models/model.ts';
import { objectiveOf } from '../objectives/index.ts';
import type { DrawnSize } from '../objectives/objective.ts';
import type { TrainingSettings } from '../train/settings/training-settings.ts';
import { estimateMemory, type MemoryEstimate } from './estimate.ts';
import { samplingMemory } from './sampling.ts';

/**
 * The peak memory of a run with these settings. Which tokens carry loss is known to the data only; here it is every one. Neither
 * reads weights nor makes files: a base in another format is described, not made.
 * @param drawn how large the batches are of a model that draws pictures
 */
export const estimateRun = (
  model: Model,
  adapter: AdapterSettings,
  training: TrainingSettings,
  drawn?: DrawnSize,
): MemoryEstimate => {
  const { batchSize, sequenceLength, memory, gradientAccumulation, baseFormat } = training;
  const { architecture } = model;
  const { samples } = training;
  const description = describeAdapter(adapter);
  const layers = selectTargets(model.targetLayers, adapter);
  return estimateMemory({
    model: describeBaseFormat(model, baseFormat),
    description,
    layers,
    trainedWeights: selectWeights(model.trainableWeights, adapter),
    batchSize,
    sequenceLength,
    drawn,
    labels: objectiveOf(architecture).labelsToEstimate(training, architecture),
    memory,
    microBatches: gradientAccumulation,
    ...(samples !== null &&
      architecture.objective === 'next-token' && {
        sampling: samplingMemory({ model, description, layers, baseFormat, samples, sequenceLength }),
      }),
  });
};
