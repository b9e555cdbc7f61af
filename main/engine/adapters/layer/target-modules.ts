import { invalidInput } from '../../errors.ts';
import type { AdapterSettings } from '../settings/adapter-settings.ts';
import { moduleOfWeight, targetName, type LayerPlace } from '../../models/architecture.ts';
import { isSuffix, matchesWhole } from '../description/patterns.ts';
import type { Targeting } from '../description/targeting.ts';

/** Names as PEFT takes them: a list of names, or a regular expression of the whole path. */
const names = (asked: string | readonly string[], module: string): boolean =>
  typeof asked === 'string' ? matchesWhole(asked, module) : asked.some((name) => isSuffix(name, module));

/** The layer's number in a module path (`model.layers.3.self_attn.q_proj`), as PEFT finds it: the first that follows two names. */
export const layerNumber = (module: string): number | undefined => {
  const found = /^.*?\.[^.]*\.(\d+)\./.exec(module);
  return found ? Number(found[1]) : undefined;
};

/**
 * Whether a module or one that holds it is trained whole.
 * @param isNameOf whether a name is a module's; where absent, it is its whole path, or its end from a dot on
 */
export const isSavedWhole = (
  modulesToSave: readonly string[],
  module: string,
  isNameOf: (name: string, module: string) => boolean = isSuffix,
): boolean => {
  const parts = module.split('.');
  return parts.some((_, at) =>
    modulesToSave.some((name) => isNameOf(name, parts.slice(0, at + 1).join('.'))),
  );
};

/** Whether settings name a layer, whatever its number. */
export const isNamed = (place: LayerPlace, settings: Targeting): boolean => {
  const { targetModules, excludeModules, modulesToSave } = settings;
  const { module, role = 'hidden' } = place;
  if (isSavedWhole(modulesToSave, module) || names(excludeModules, module)) return false;
  return targetModules === 'all-linear' ? role === 'hidden' : names(targetModules, module);
};

/** Whether settings choose a layer. @throws invalid-input for a regular expression that is none */
export const isTargeted = (place: LayerPlace, settings: Targeting): boolean => {
  const { layersToTransform } = settings;
  if (!isNamed(place, settings)) return false;
  if (layersToTransform === null || layersToTransform.length === 0) return true;
  const number = layerNumber(place.module);
  return number !== undefined && layersToTransform.includes(number);
};

/** None where the weights themselves are trained. */
export const targetingOf = (settings: AdapterSettings): Targeting | null =>
  'targetModules' in settings ? settings : null;

/**
 * The layers that an adapter with these settings sits on, in the model's order; none where the weights themselves are trained.
 * @throws invalid-input for a name that no layer has, with those there are, and where nothing is chosen
 */
export const selectTargets = <L extends LayerPlace>(layers: readonly L[], settings: AdapterSettings): L[] => {
  const targeting = targetingOf(settings);
  if (!targeting) return [];
  const { targetModules } = targeting;
  const known = (): string => [...new Set(layers.map(targetName))].join(', ');
  if (typeof targetModules !== 'string')
    for (const name of targetModules)
      if (!layers.some(({ module }) => isSuffix(name, module)))
        throw invalidInput(`targetModules: the model has no module ${name} (it has ${known()})`);
  const chosen = layers.filter((layer) => isTargeted(layer, targeting));
  if (chosen.length > 0) return chosen;
  const named = layers.filter((layer) => isTargeted(layer, { ...targeting, excludeModules: [] }));
  throw invalidInput(
    named.length > 0
      ? `excludeModules: takes out every layer that targetModules ${JSON.stringify(targetModules)} chooses (${[...new Set(named.map(targetName))].join(', ')})`
      : `targetModules: ${JSON.stringify(targetModules)} chooses no layer of the model (it has ${known()})`,
  );
};

/** Names of the weights that are trained whole: all of them, or those of `modulesToSave`. @param all that can be trained */
export const selectWeights = (all: readonly string[], settings: AdapterSettings): string[] => {
  const targeting = targetingOf(settings);
  if (!targeting) return [...all];
  const { modulesToSave } = targeting;
  const modules = all.map(moduleOfWeight);
  for (const name of modulesToSave)
    if (!modules.some((module) => isSavedWhole([name], module)))
      throw invalidInput(`modulesToSave: the model has no module ${name}`);
  return all.filter((_, at) => isSavedWhole(modulesToSave, modules[at] as string));
};
