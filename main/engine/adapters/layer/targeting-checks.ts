import { invalidInput } from '../../errors.ts';
import { instead, listed } from '../../suggestions.ts';
import type { AdapterSettings } from '../settings/adapter-settings.ts';
import { moduleOfWeight, type LayerPlace } from '../../models/architecture.ts';
import { isSuffix, matchesEnd, matchesWhole } from '../description/patterns.ts';
import { isNamed, isSavedWhole, layerNumber, selectTargets, targetingOf } from './target-modules.ts';

/** What is asked of a model to say whether settings fit it. */
export interface TargetedModel {
  readonly targetLayers: readonly LayerPlace[];
  readonly weightShapes: ReadonlyMap<string, readonly number[]>;
}

/** @throws invalid-input for names that no module has, or an expression that is the path of none */
const checkNames = (
  field: string,
  asked: string | readonly string[],
  modules: readonly string[],
  found: (name: string) => boolean,
): void => {
  if (typeof asked !== 'string') {
    const missing = asked.find((name) => !found(name));
    if (missing === undefined) return;
    throw invalidInput(
      `${field}: the model has no module ${missing}${instead(missing, comparable(missing, modules))}`,
    );
  }
  if (modules.some((module) => matchesWhole(asked, module))) return;
  const isName = modules.some((module) => isSuffix(asked, module));
  const hint = isName
    ? `; as a list, [${asked}], it names modules by the ends of their paths`
    : `, such as ${modules[0] ?? ''}`;
  throw invalidInput(
    `${field}: ${JSON.stringify(asked)} is taken for a regular expression and is the whole path of no module${hint} (the model has ${listed(comparable('', modules))})`,
  );
};

/** Ends of the modules' paths that have as many parts as a name. */
const comparable = (name: string, modules: readonly string[]): string[] => {
  const parts = name.split('.').length;
  return modules.map((module) => module.split('.').slice(-parts).join('.'));
};

const checkLayerNumbers = (asked: readonly number[], named: readonly LayerPlace[]): void => {
  const numbers = [...new Set(named.map(({ module }) => layerNumber(module)))]
    .filter((number) => number !== undefined)
    .toSorted((a, b) => a - b);
  const missing = asked.find((number) => !numbers.includes(number));
  if (missing === undefined) return;
  const has =
    numbers.length === 0 ? 'they have no numbers' : `they are in layers ${listed(rangesOf(numbers))}`;
  throw invalidInput(`layersToTransform: no module of targetModules is in layer ${missing} (${has})`);
};

/** `0 to 5, 7` */
const rangesOf = (numbers: readonly number[]): string[] => {
  const ranges: [number, number][] = [];
  for (const number of numbers) {
    const last = ranges.at(-1);
    if (last?.[1] === number - 1) last[1] = number;
    else ranges.push([number, number]);
  }
  return ranges.map(([first, last]) => (first === last ? String(first) : `${first} to ${last}`));
};

const checkPattern = (
  field: string,
  pattern: Readonly<Record<string, number>>,
  chosen: readonly LayerPlace[],
): void => {
  for (const key of Object.keys(pattern)) {
    if (chosen.some(({ module }) => matchesEnd(key, module))) continue;
    const known = comparable(
      key,
      chosen.map(({ module }) => module),
    );
    throw invalidInput(
      `${field}: no module that the adapter sits on matches ${JSON.stringify(key)}${instead(key, known)}`,
    );
  }
};

/**
 * Refuses what settings name and the model does not have, each by its field: what is misspelt would else change nothing, in silence.
 * @throws invalid-input with the field, the name and those it may have been meant for
 */
export const checkTargeting = (
  { targetLayers, weightShapes }: TargetedModel,
  settings: AdapterSettings,
): void => {
  const targeting = targetingOf(settings);
  if (!targeting) return;
  const { targetModules, excludeModules, layersToTransform, modulesToSave } = targeting;
  // Embeddings and heads are targets by their names alone, and are named last.
  const isHidden = ({ role = 'hidden' }: LayerPlace): boolean => role === 'hidden';
  const inOrder = [...targetLayers.filter(isHidden), ...targetLayers.filter((one) => !isHidden(one))];
  const modules = inOrder.map(({ module }) => module);
  const isLayer = (name: string): boolean => modules.some((module) => isSuffix(name, module));
  if (targetModules !== 'all-linear') checkNames('targetModules', targetModules, modules, isLayer);
  checkNames('excludeModules', excludeModules, modules, isLayer);
  // A layer whose weight is another's has none of its own name, and is refused for that later.
  const saveable = [...new Set([...[...weightShapes.keys()].map(moduleOfWeight), ...modules])];
  checkNames('modulesToSave', modulesToSave, saveable, (name) =>
    saveable.some((module) => isSavedWhole([name], module)),
  );
  const named = targetLayers.filter((layer) => isNamed(layer, targeting));
  if (layersToTransform !== null) checkLayerNumbers(layersToTransform, named);
  const chosen = selectTargets(targetLayers, settings);
  if ('rankPattern' in settings) checkPattern('rankPattern', settings.rankPattern, chosen);
  if ('alphaPattern' in settings) checkPattern('alphaPattern', settings.alphaPattern, chosen);
};
