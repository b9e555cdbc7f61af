import { selectTargets, selectWeights } from '../../../engine/adapters/layer/target-modules.ts';
import type { AdapterSettings } from '../../../engine/adapters/settings/adapter-settings.ts';
import { attempt } from '../../../engine/attempt.ts';
import { WorkbenchError } from '../../../engine/errors.ts';
import { withEmbeddings } from '../../../engine/models/compared-model.ts';
import type { Model } from '../../../engine/models/model.ts';

/**
 * The model as an adapter's steps need it: without the text tower where the adapter leaves the texts as they are, since all that it changes is there
 * without it.
 */
export const steppedModel = (whole: Model, adapter: AdapterSettings): Model => {
  const pictures = withEmbeddings(whole, 'texts');
  const modules = new Set(pictures.targetLayers.map(({ module }) => module));
  const leavesTexts =
    selectTargets(whole.targetLayers, adapter).every(({ module }) => modules.has(module)) &&
    !(attempt(() => selectTargets(pictures.targetLayers, adapter)) instanceof WorkbenchError) &&
    selectWeights(whole.weightShapes.keys(), adapter).every((name) => pictures.weightShapes.has(name));
  return leavesTexts ? pictures : whole;
};
