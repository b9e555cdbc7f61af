import { readAdapter } from '../../engine/adapters/folder/adapter-folder.ts';
import { describeAdapter } from '../../engine/adapters/settings/adapter-settings.ts';
import { WorkbenchError } from '../../engine/errors.ts';
import type { GenerationArm } from '../../engine/generation/generator.ts';
import type { Model } from '../../engine/models/model.ts';
import { assertBelongs } from '../export/adapter-belongs.ts';

/**
 * An adapter as an arm beside others on one base; null is the base itself.
 * @throws WorkbenchError where it is another model's, or trained weights of the model itself
 */
export const openArm = (model: Model, adapterDirectory: string | null): GenerationArm => {
  if (adapterDirectory === null) return null;
  const { settings, layers, weights, values, files } = readAdapter(adapterDirectory);
  assertBelongs(model, { layers }, { adapterDirectory, modelDirectory: model.folder.directory });
  const [first, ...others] = weights;
  if (first !== undefined) {
    const more = others.length === 0 ? '' : ` and ${others.length} more`;
    throw new WorkbenchError(
      'unsupported',
      `${adapterDirectory}: trained weights of the model itself (${first.name}${more}), which can't stand beside others on one copy of it; export it merged, import that folder as a model and ask that`,
    );
  }
  return { description: describeAdapter(settings), layers, values, files };
};
