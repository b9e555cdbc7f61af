import { describeAdapter, type AdapterSettings } from '../settings/adapter-settings.ts';
import type { LayerGroup, LayerPlace } from '../../models/architecture.ts';
import { layerAdapter, trainedAt } from './layer-adapter.ts';
import { isTargeted, targetingOf } from './target-modules.ts';

const placeOf = ({ name, ...group }: LayerGroup): LayerPlace => ({ ...group, module: name });

/** The groups that an adapter sits on, as far as their names tell. */
export const targetedGroups = <G extends LayerGroup>(
  groups: readonly G[],
  settings: AdapterSettings,
): readonly G[] => {
  const targeting = targetingOf(settings);
  return targeting ? groups.filter((group) => isTargeted(placeOf(group), targeting)) : [];
};

/** Numbers that an adapter trains; all of the model's where there is no adapter. */
export const trainedParameters = (
  {
    targetModules,
    parameters,
  }: { readonly targetModules: readonly LayerGroup[]; readonly parameters: number },
  settings: AdapterSettings,
): number => {
  if (targetingOf(settings) === null) return parameters;
  const description = describeAdapter(settings);
  return targetedGroups(targetModules, settings).reduce(
    (sum, group) => sum + group.count * trainedAt(layerAdapter(description, placeOf(group))),
    0,
  );
};
