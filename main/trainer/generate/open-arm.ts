import { readAdapter } from '../../engine/adapters/folder/adapter-folder.ts';
import { describeAdapter } from '../../engine/adapters/settings/adapter-settings.ts';
import type { GenerationArm } from '../../engine/generation/generator.ts';
import type { Model } from '../../engine/models/model.ts';
import { assertBelongs } from '../export/adapter-belongs.ts';

/**
 * An adapter as an arm beside others on one base, with the weights of the model that were trained whole; null is the base itself.
 * @throws WorkbenchError where it is another model's
 */
export const openArm = (model: Model, adapterDirectory: string | null): GenerationArm => {
  if (adapterDirectory === null) return null;
  const { settings, layers, weights, values, files } = readAdapter(adapterDirectory);
  assertBelongs(model, { layers }, { adapterDirectory, modelDirectory: model.folder.directory });
  const trainedWeights = weights.map(({ name }) => name);
  return { description: describeAdapter(settings), layers, values, files, trainedWeights };
};
