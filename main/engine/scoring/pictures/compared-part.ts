import { onlyTower, withEmbeddings } from '../../models/compared-model.ts';
import type { Model } from '../../models/model.ts';
import type { TrainedModel } from '../../train/model/trained-model.ts';

/** What of a model that compares pictures with texts is computed by itself: a tower, or the comparison of what both gave. */
export type ComparedPart = 'pictures' | 'texts' | 'comparison';

const modelOf: Readonly<Record<ComparedPart, (whole: Model) => Model>> = {
  pictures: (whole) => onlyTower(whole, 'pictures'),
  texts: (whole) => onlyTower(whole, 'texts'),
  comparison: (whole) => withEmbeddings(withEmbeddings(whole, 'pictures'), 'texts'),
};

/** That part of a model, with what of its adapter is there. */
export const comparedPart = (
  { model: whole, adapter, trainedWeights }: TrainedModel,
  part: ComparedPart,
): TrainedModel => {
  const model = modelOf[part](whole);
  const modules = new Set(model.targetLayers.map(({ module }) => module));
  const layers = (adapter?.layers ?? []).filter(({ module }) => modules.has(module));
  return {
    model,
    adapter: adapter === null || layers.length === 0 ? null : { ...adapter, layers },
    trainedWeights: trainedWeights.filter((name) => model.weightShapes.has(name)),
  };
};
