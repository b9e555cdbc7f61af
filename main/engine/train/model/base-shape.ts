import { describeAdapter, type AdapterSettings } from '../../adapters/settings/adapter-settings.ts';
import { targetingOf } from '../../adapters/layer/target-modules.ts';
import { layerAdapter } from '../../adapters/layer/layer-adapter.ts';
import type { LinearLayer } from '../../models/architecture.ts';
import { layerInputs } from './base-inputs.ts';

/** So large that no rank is too large for it, and of two sizes, since methods may treat them differently. */
const anyLayer: LinearLayer = { module: 'layer', outFeatures: 2 ** 20, inFeatures: 2 ** 21, bias: false };

/**
 * What a compiled base follows from of an adapter, as far as its settings tell that before a model is open: on one model, adapters that agree
 * can share one, whatever method they are of. Null where layers settle their ranks among themselves, which is known at the start only.
 */
export const baseShapeOf = (settings: AdapterSettings): string | null => {
  const targeting = targetingOf(settings);
  if (targeting === null) return 'all weights';
  const description = describeAdapter(settings);
  const { outer, scaling, dropout } = description;
  if (outer.rank.sharedUpTo !== null) return null;
  const { targetModules, excludeModules, modulesToSave, layersToTransform } = targeting;
  return JSON.stringify([
    [targetModules, excludeModules, modulesToSave, layersToTransform],
    layerInputs(layerAdapter(description, anyLayer), anyLayer),
    outer.rank.pattern,
    scaling.pattern,
    dropout,
  ]);
};
