import { invalidInput } from '../errors.ts';
import type { ActivationMatrix } from './activation-matrix.ts';
import type { AdapterDescription } from './adapter-description.ts';
import { describeAdapter, type AdapterSettings } from './adapter-settings.ts';
import { outerRank, type LayerPlace } from './layer-adapter.ts';
import { methods } from './methods/index.ts';
import { isSuffix, matchesWhole } from './patterns.ts';
import type { Targeting } from './targeting.ts';

/** Names as PEFT takes them: a list of names, or a regular expression of the whole path. */
const names = (asked: string | readonly string[], module: string): boolean =>
  typeof asked === 'string' ? matchesWhole(asked, module) : asked.some((name) => isSuffix(name, module));

/** The layer's number in a module path (`model.layers.3.self_attn.q_proj`), as PEFT finds it: the first that follows two names. */
const layerNumber = (module: string): number | undefined => {
  const found = /^.*?\.[^.]*\.(\d+)\./.exec(module);
  return found ? Number(found[1]) : undefined;
};

/** Whether a module or one that holds it is trained whole. */
export const isSavedWhole = (modulesToSave: readonly string[], module: string): boolean => {
  const parts = module.split('.');
  return parts.some((_, at) =>
    modulesToSave.some((name) => isSuffix(name, parts.slice(0, at + 1).join('.'))),
  );
};

/** Whether settings choose a layer. @throws invalid-input for a regular expression that is none */
export const isTargeted = (place: LayerPlace, settings: Targeting): boolean => {
  const { targetModules, excludeModules, layersToTransform, modulesToSave } = settings;
  const { module, role = 'hidden' } = place;
  if (isSavedWhole(modulesToSave, module) || names(excludeModules, module)) return false;
  const isNamed = targetModules === 'all-linear' ? role === 'hidden' : names(targetModules, module);
  if (!isNamed || layersToTransform === null) return isNamed;
  const number = layerNumber(module);
  return number !== undefined && layersToTransform.includes(number);
};

const targetingOf = (settings: AdapterSettings): Targeting | null =>
  'targetModules' in settings ? settings : null;

const lastName = ({ module }: LayerPlace): string => module.slice(module.lastIndexOf('.') + 1);

/**
 * The layers that an adapter with these settings sits on, in the model's order; none where the weights themselves are trained.
 * @throws invalid-input for a name that no layer has, with those there are, and where nothing is chosen
 */
export const selectTargets = <L extends LayerPlace>(layers: readonly L[], settings: AdapterSettings): L[] => {
  const targeting = targetingOf(settings);
  if (!targeting) return [];
  const { targetModules } = targeting;
  const known = (): string => [...new Set(layers.map(lastName))].join(', ');
  if (typeof targetModules !== 'string')
    for (const name of targetModules)
      if (!layers.some(({ module }) => isSuffix(name, module)))
        throw invalidInput(`targetModules: the model has no module ${name} (it has ${known()})`);
  const chosen = layers.filter((layer) => isTargeted(layer, targeting));
  if (chosen.length === 0)
    throw invalidInput(
      `targetModules: ${JSON.stringify(targetModules)} chooses no layer of the model (it has ${known()})`,
    );
  return chosen;
};

/** Names of the weights that are trained whole: all of them, or those of `modulesToSave`. */
export const selectWeights = (weights: Iterable<string>, settings: AdapterSettings): string[] => {
  const targeting = targetingOf(settings);
  if (!targeting) return [...weights];
  const { modulesToSave } = targeting;
  const all = [...weights];
  const modules = all.map((weight) => weight.slice(0, weight.lastIndexOf('.')));
  for (const name of modulesToSave)
    if (!modules.some((module) => isSavedWhole([name], module)))
      throw invalidInput(`modulesToSave: the model has no module ${name}`);
  return all.filter((_, at) => isSavedWhole(modulesToSave, modules[at] as string));
};

/** Whether the settings name layers by the ends of their paths alone, so that groups of layers can be judged without their paths. */
export const namesGroups = (settings: AdapterSettings): boolean => {
  const targeting = targetingOf(settings);
  if (!targeting) return true;
  const { targetModules, excludeModules, layersToTransform } = targeting;
  const plain = [targetModules, excludeModules].every(
    (asked) => asked === 'all-linear' || (Array.isArray(asked) && asked.every((name) => !name.includes('.'))),
  );
  return plain && layersToTransform === null;
};

/** Kinds that take the whole second moment of a layer's inputs: of an embedding's, vocabulary x vocabulary numbers. */
const wholeMatrices: ReadonlySet<ActivationMatrix['kind']> = new Set([
  'cholesky',
  'eigen',
  'covariance',
  'coala',
]);

const takesWholeMatrix = ({ outer: { initialisation } }: AdapterDescription): boolean =>
  initialisation.kind === 'principal-components' ||
  (initialisation.kind === 'decomposition' && wholeMatrices.has(initialisation.matrix.kind));

const checkEmbedding = (
  description: AdapterDescription,
  settings: AdapterSettings,
  { module, inFeatures, role }: LayerPlace,
): void => {
  if (role !== 'embedding' || !takesWholeMatrix(description)) return;
  const [field, value] =
    'activationMatrix' in settings
      ? ['activationMatrix', settings.activationMatrix.kind]
      : ['method', settings.method];
  throw invalidInput(
    `${field}: ${value} takes all ${inFeatures} x ${inFeatures} products of ${module}'s inputs, which is too many for an embedding; leave it out of targetModules`,
  );
};

/** Modules with one weight are trained whole together, under the name of the one that it belongs to. */
const checkShared = (layers: readonly LayerPlace[], settings: AdapterSettings): void => {
  const { modulesToSave = [] } = targetingOf(settings) ?? {};
  const sharing = layers.flatMap(({ module, weight }) =>
    weight === undefined ? [] : [{ module, owner: weight.slice(0, weight.lastIndexOf('.')) }],
  );
  for (const { module, owner } of sharing) {
    if (isSavedWhole(modulesToSave, module))
      throw invalidInput(
        `modulesToSave: ${module} has the weight of ${owner} in this model; name ${owner}, which trains both as one`,
      );
    if (!isSavedWhole(modulesToSave, owner)) continue;
    if (selectTargets(layers, settings).some((target) => target.module === module))
      throw invalidInput(
        `targetModules: ${module} has the weight of ${owner} in this model, which modulesToSave trains whole`,
      );
  }
};

/**
 * Refuses settings that do not fit the model: an unknown target module, a rank larger than a matrix, an inner rank above the outer.
 * @throws invalid-input naming the field, the module and the numbers
 */
export const checkAdapterFits = (layers: readonly LayerPlace[], settings: AdapterSettings): void => {
  const description = describeAdapter(settings);
  const field = methods[settings.method].rankSetting;
  checkShared(layers, settings);
  if (field === null) return;
  const { outer, inner } = description;
  for (const place of selectTargets(layers, settings)) {
    checkEmbedding(description, settings, place);
    const { outFeatures, inFeatures } = place;
    const rank = outerRank(outer, place);
    const most = Math.min(outFeatures, inFeatures);
    if (rank > most || rank < 1)
      throw invalidInput(
        `${field}: ${rank} is ${rank < 1 ? 'too small for' : 'larger than'} the matrix ${lastName(place)} (${outFeatures} x ${inFeatures})${rank < 1 ? '' : ` allows: at most ${most}`}`,
      );
    if (inner?.structure === 'core' && inner.rank !== null && inner.rank > rank)
      throw invalidInput(`innerRank: ${inner.rank} is larger than ${field} ${rank}`);
  }
};
