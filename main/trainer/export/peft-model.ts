import { describeAdapter } from '../../engine/adapters/settings/adapter-settings.ts';
import { readPeft } from '../../engine/peft/index.ts';
import { completeAdapter } from '../../engine/init/complete-adapter.ts';
import type { Model } from '../../engine/models/model.ts';
import type { TrainedModel } from '../../engine/train/model/trained-model.ts';

/** A model with an adapter folder of PEFT's on it, whole. */
export const withPeftAdapter = async (model: Model, directory: string): Promise<TrainedModel> => {
  const read = readPeft(directory, model.targetLayers);
  const { settings, layers, weights } = read;
  const values = await completeAdapter(model, read);
  return {
    model,
    adapter: { description: describeAdapter(settings), layers, values },
    trainedWeights: weights.map(({ name }) => name),
  };
};
