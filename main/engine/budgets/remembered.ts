import { describeAdapter, type AdapterSettings } from '../adapters/settings/adapter-settings.ts';
import { targetingOf } from '../adapters/layer/target-modules.ts';

const known = new WeakMap<object, Map<string, unknown>>();

/**
 * A number that a graph of the model has to be built for, made once: arms of one shape share it (eleven activation matrices are one step),
 * and so do a search and the table after it.
 */
export const remembered = <T>(model: object, key: readonly unknown[], make: () => T): T => {
  const ofModel = known.get(model) ?? new Map<string, unknown>();
  known.set(model, ofModel);
  const text = JSON.stringify(key);
  if (!ofModel.has(text)) ofModel.set(text, make());
  return ofModel.get(text) as T;
};

/** All of an adapter that its shapes follow from: not what its factors start as, nor how it is scaled. */
export const shapeKey = (settings: AdapterSettings): unknown => {
  const { outer, scaling: _, learningRateRatio: __, rules: ___, ...rest } = describeAdapter(settings);
  const targeting = targetingOf(settings);
  return [
    rest,
    { rank: outer.rank, trained: outer.trained, shared: outer.shared },
    targeting && [
      targeting.targetModules,
      targeting.excludeModules,
      targeting.layersToTransform,
      targeting.modulesToSave,
    ],
  ];
};
