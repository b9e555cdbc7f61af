import { checkAdapterFits } from '../../engine/adapters/layer/adapter-fits.ts';
import type { AdapterSettings } from '../../engine/adapters/settings/adapter-settings.ts';
import { weightSites } from '../../engine/diagnostics/weight-sites.ts';
import { openModelFolder } from '../../engine/formats/model-folder.ts';
import type { LayerPlace } from '../../engine/models/architecture.ts';
import { describedModel } from '../../engine/models/classifier/classifier-folder.ts';
import { modelParts } from '../../engine/models/model-parts.ts';
import { describeModel } from '../../engine/models/describe-model.ts';
import { namingConfiguration } from './naming-configuration.ts';
import type { ModelLayers } from '../protocol/read-schema.ts';

/** @throws WorkbenchError naming the file and what is wrong with it */
export const describeLayers = (directory: string): ModelLayers => {
  const folder = openModelFolder(directory);
  const model = describedModel(folder);
  const { targetModules, drawnSides } = describeModel(folder);
  return {
    targetModules,
    drawnSides,
    targetLayers: model.targetLayers.map(placeOf),
    parts: modelParts(model),
    weightSites: weightSites(model).map((layer) => ({
      ...placeOf(layer),
      bias: layer.bias,
      ...(layer.stored !== undefined && { stored: layer.stored }),
      ...(layer.kernel !== undefined && { kernel: layer.kernel }),
    })),
  };
};

/** That and nothing else, whatever else an architecture knows of a layer. */
const placeOf = ({ module, outFeatures, inFeatures, role, weight }: LayerPlace) => ({
  module,
  outFeatures,
  inFeatures,
  ...(role !== undefined && { role }),
  ...(weight !== undefined && { weight }),
});

interface NamedAdapter {
  readonly name: string;
  readonly adapter: AdapterSettings;
}

/** @throws WorkbenchError naming the configuration, the field, the module and both numbers */
export const checkFit = (directory: string, configurations: readonly NamedAdapter[]): void => {
  const model = describedModel(openModelFolder(directory));
  for (const { name, adapter } of configurations)
    namingConfiguration(name, () => checkAdapterFits(model, adapter));
};
