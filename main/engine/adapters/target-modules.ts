import { invalidInput } from '../errors.ts';
import type { LinearLayer } from '../models/architecture.ts';
import { targetName } from '../models/model.ts';
import { describeAdapter } from './adapter-description.ts';
import type { AdapterSettings } from './adapter-settings.ts';

type Layers = readonly LinearLayer[];

/** The layers that the settings' target modules name, in the model's order; an unknown name is an error that lists the known ones. */
export const selectTargets = (
  layers: Layers,
  { targetModules }: Pick<AdapterSettings, 'targetModules'>,
): LinearLayer[] => {
  if (targetModules === 'all-linear') return [...layers];
  const known = new Set(layers.map(targetName));
  for (const name of targetModules)
    if (!known.has(name))
      throw invalidInput(
        `target module "${name}" does not occur in this model (it has ${[...known].join(', ')})`,
      );
  const chosen = new Set(targetModules);
  return layers.filter((layer) => chosen.has(targetName(layer)));
};

/** Refuses settings that do not fit the model: unknown target modules, a rank larger than a matrix, an inner rank above the outer. */
export const checkAdapterFits = (layers: Layers, settings: AdapterSettings): void => {
  const { outer, inner } = describeAdapter(settings);
  const field = settings.method === 'lora' ? 'rank' : 'outerRank';
  for (const layer of selectTargets(layers, settings)) {
    const limit = Math.min(layer.outFeatures, layer.inFeatures);
    if (outer.rank > limit)
      throw invalidInput(
        `${field} ${outer.rank} is larger than ${targetName(layer)} allows: its matrix is ${layer.outFeatures} x ${layer.inFeatures}, so at most ${limit}`,
      );
  }
  if (inner && inner.rank > outer.rank)
    throw invalidInput(`innerRank ${inner.rank} is larger than outerRank ${outer.rank}`);
};
