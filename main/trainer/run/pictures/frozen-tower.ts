import { selectTargets, selectWeights } from '../../../engine/adapters/layer/target-modules.ts';
import type { AdapterSettings } from '../../../engine/adapters/settings/adapter-settings.ts';
import { attempt } from '../../../engine/attempt.ts';
import { WorkbenchError } from '../../../engine/errors.ts';
import { towersOf, withEmbeddings, type Side } from '../../../engine/models/compared-model.ts';
import type { Model } from '../../../engine/models/model.ts';

/** The model without a tower that an adapter leaves as it is, since all that it changes is there without it. */
export const withoutFrozen = (whole: Model, adapter: AdapterSettings, side: Side): Model =>
  smallestTrained(whole, withEmbeddings(whole, side), adapter);

/** A part of a model where an adapter changes nothing else of it; the whole elsewhere. */
export const smallestTrained = (whole: Model, rest: Model, adapter: AdapterSettings): Model => {
  const modules = new Set(rest.targetLayers.map(({ module }) => module));
  const isFrozen =
    selectTargets(whole.targetLayers, adapter).every(({ module }) => modules.has(module)) &&
    !(attempt(() => selectTargets(rest.targetLayers, adapter)) instanceof WorkbenchError) &&
    selectWeights(whole.trainableWeights, adapter).every((name) => rest.weightShapes.has(name));
  return isFrozen ? rest : whole;
};

/** What the embeddings of all pictures or all texts of a run may take. */
const mostBytes = 256 * 2 ** 20;

/** Whether so many embeddings can be kept for a whole run. */
export const canKeep = ({ architecture }: Pick<Model, 'architecture'>, count: number): boolean =>
  4 * count * towersOf(architecture).width <= mostBytes;
