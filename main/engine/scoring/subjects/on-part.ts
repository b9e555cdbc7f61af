import type { Model } from '../../models/model.ts';
import type { TrainedModel } from '../../train/model/trained-model.ts';

/** A part of a subject's model, which is a model itself, with what of its adapter is there. */
export const onPart = ({ adapter, trainedWeights }: TrainedModel, part: Model): TrainedModel => {
  const modules = new Set(part.targetLayers.map(({ module }) => module));
  const layers = (adapter?.layers ?? []).filter(({ module }) => modules.has(module));
  return {
    model: part,
    adapter: adapter === null || layers.length === 0 ? null : { ...adapter, layers },
    trainedWeights: trainedWeights.filter((name) => part.weightShapes.has(name)),
  };
};

/** Whether all that a subject changes is in a part of its model. */
export const isWithin = ({ adapter, trainedWeights }: TrainedModel, part: Model): boolean => {
  const modules = new Set(part.targetLayers.map(({ module }) => module));
  return (
    (adapter?.layers ?? []).every(({ module }) => modules.has(module)) &&
    trainedWeights.every((name) => part.weightShapes.has(name))
  );
};

/** Whether a subject has nothing of its own: it computes what the model itself does. */
export const isPlain = ({ adapter, trainedWeights }: TrainedModel): boolean =>
  adapter === null && trainedWeights.length === 0;
