import { describeAdapter, type AdapterSettings } from '../settings/adapter-settings.ts';
import { layerAdapter, trainedAt, type LayerPlace } from './layer-adapter.ts';
import { isTargeted } from './target-modules.ts';

/** Layers of one name and size, and how many there are. */
export interface LayerGroup {
  readonly name: string;
  readonly count: number;
  readonly outFeatures: number;
  readonly inFeatures: number;
  readonly role?: NonNullable<LayerPlace['role']>;
}

const placeOf = ({ name, ...group }: LayerGroup): LayerPlace => ({ ...group, module: name });

/** The groups that an adapter sits on, as far as their names tell. */
export const targetedGroups = <G extends LayerGroup>(groups: readonly G[], settings: AdapterSettings): G[] =>
  'targetModules' in settings ? groups.filter((group) => isTargeted(placeOf(group), settings)) : [];

/** Numbers that an adapter trains; all of the model's where there is no adapter. */
export const trainedParameters = (
  {
    targetModules,
    parameters,
  }: { readonly targetModules: readonly LayerGroup[]; readonly parameters: number },
  settings: AdapterSettings,
): number => {
  if (!('targetModules' in settings)) return parameters;
  const description = describeAdapter(settings);
  return targetedGroups(targetModules, settings).reduce(
    (sum, group) => sum + group.count * trainedAt(layerAdapter(description, placeOf(group))),
    0,
  );
};
