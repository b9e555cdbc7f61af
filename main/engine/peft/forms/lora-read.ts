import type { PeftLoraAdapter } from './lora-file.ts';
import type { PeftTargeting } from '../targeting.ts';
import type { LinearLayer } from '../../models/architecture.ts';
import type { TrainedWeight } from '../../adapters/folder/adapter-folder.ts';
import {
  adapterSettingsSchema,
  describeAdapter,
  type AdapterSettings,
} from '../../adapters/settings/adapter-settings.ts';
import { invalidInput, WorkbenchError } from '../../errors.ts';
import { peftConfigFile } from '../folder.ts';
import { check, checked } from '../../problems.ts';
import {
  factorKey,
  layerAdapter,
  type Factor,
  type FactorValues,
} from '../../adapters/layer/layer-adapter.ts';
import { isSavedWhole, selectTargets } from '../../adapters/layer/target-modules.ts';
import { checkTying, withoutTiedCopies } from '../tying.ts';

/** An adapter of PEFT's in our terms: what it is, where it sits, and the numbers that its file holds. */
export interface ImportedAdapter {
  readonly settings: AdapterSettings;
  readonly layers: readonly LinearLayer[];
  /** Base weights that were trained whole; their numbers are in `values`. */
  readonly weights: readonly TrainedWeight[];
  /** Of the factors that are in the file; frozen ones that PEFT makes again from the base's weights are not. */
  readonly values: FactorValues;
}

export interface FromPeftOptions {
  /** Whether the model has given up already what the adapter starts from: the base that PEFT saved beside it. */
  readonly onResidualBase?: boolean;
}

interface MethodOfFile {
  readonly method: AdapterSettings['method'];
  readonly rho?: number;
}

/**
 * What a LoRA that started so is here, where it is more than a LoRA. Of the starts that take something from the base, those that can be
 * made again from its weights, as PEFT does when it loads the adapter; all others depend on data or on chance. EVA's ranks are those of
 * the file, not shared out anew.
 */
const starts: Readonly<Record<string, MethodOfFile>> = {
  pissa: { method: 'pissa' },
  olora: { method: 'olora' },
  eva: { method: 'eva', rho: 1 },
};

/** Which of our methods a LoRA configuration is. */
const methodOf = (
  { useDora, useRslora, initialisation, needsResidualBase }: PeftLoraAdapter,
  { onResidualBase = false }: FromPeftOptions,
): MethodOfFile => {
  const takesFromBase = needsResidualBase && !onResidualBase;
  const known = needsResidualBase && onResidualBase ? undefined : starts[initialisation];
  if (takesFromBase && known === undefined)
    throw new WorkbenchError(
      'unsupported',
      `adapter_config.json: init_lora_weights is ${initialisation}: the adapter belongs to the base that its start changed, which cannot be made again from the file. Save it with PEFT's path_initial_model_for_weight_conversion, or import the changed base as a model and the adapter onto that, as one on a residual base`,
    );
  if (takesFromBase && useDora)
    throw new WorkbenchError(
      'unsupported',
      `adapter_config.json: use_dora together with init_lora_weights ${initialisation} is not supported`,
    );
  if (useDora) return { method: 'dora' };
  return known ?? { method: useRslora ? 'rslora' : 'lora' };
};

/** The model's layers that an adapter sits on, in its order. @throws invalid-input for one that it lacks or has in another size */
export const layersOf = (
  modules: readonly { readonly module: string; readonly outFeatures: number; readonly inFeatures: number }[],
  layers: readonly LinearLayer[],
): LinearLayer[] => {
  const byModule = new Map(layers.map((layer) => [layer.module, layer]));
  for (const { module, inFeatures, outFeatures } of modules) {
    const layer = byModule.get(module);
    if (layer?.outFeatures !== outFeatures || layer.inFeatures !== inFeatures)
      throw invalidInput(
        `the adapter sits on ${module} (${outFeatures} x ${inFeatures}), which the model does not have`,
      );
  }
  const adapted = new Set(modules.map(({ module }) => module));
  return layers.filter(({ module }) => adapted.has(module));
};

/**
 * Settings with the targets as the file names them, where those choose the very layers that it has tensors for; with the layers' whole
 * paths otherwise (PEFT leaves out what it finds no use for). Modules trained whole are those that the file holds.
 */
export const withTargets = (
  settings: Readonly<Record<string, unknown>>,
  { targetModules, excludeModules, layersToTransform, modulesToSave }: PeftTargeting,
  adapted: readonly LinearLayer[],
  layers: readonly LinearLayer[],
  weights: readonly TrainedWeight[],
): AdapterSettings => {
  const held = heldModules(modulesToSave, weights);
  const exact = checked(
    adapterSettingsSchema,
    { ...settings, targetModules: adapted.map(({ module }) => module), modulesToSave: held },
    peftConfigFile,
  );
  if (targetModules === null) return exact;
  const { value: named } = check(adapterSettingsSchema, {
    ...settings,
    targetModules: typeof targetModules === 'string' ? targetModules : [...targetModules].sort(),
    excludeModules,
    layersToTransform,
    modulesToSave: held,
  });
  if (named === null) return exact;
  const chosen = chosenBy(named, layers);
  return chosen.length === adapted.length && chosen.every((layer) => adapted.includes(layer)) ? named : exact;
};

/**
 * The modules that a file holds whole, as the file names them where those names choose its very weights here as well: PEFT's `norm` is
 * every module whose name ends so, ours is one that is called so.
 */
const heldModules = (modulesToSave: readonly string[], weights: readonly TrainedWeight[]): string[] => {
  const modules = [...new Set(weights.map(({ name }) => name.slice(0, name.lastIndexOf('.'))))];
  const named = modulesToSave.filter((name) => modules.some((module) => isSavedWhole([name], module)));
  return modules.every((module) => isSavedWhole(named, module)) ? named : modules;
};

/** None where the settings fit the model so little that they are refused. */
const chosenBy = (settings: AdapterSettings, layers: readonly LinearLayer[]): LinearLayer[] => {
  try {
    return selectTargets(layers, settings);
  } catch (error) {
    if (error instanceof WorkbenchError) return [];
    throw error;
  }
};

/** PiSSA's start is divided by the root of alpha: PEFT makes NaN of it where there is none. */
const checkRoot = (method: AdapterSettings['method'], alphas: readonly number[]): void => {
  const none = alphas.find((alpha) => !(alpha > 0));
  if (method === 'pissa' && none !== undefined)
    throw invalidInput(
      `${peftConfigFile}: lora_alpha: ${none} together with init_lora_weights pissa: the start is divided by its root`,
    );
};

/** @throws WorkbenchError where the model lacks a module or has it in another size, or where the adapter belongs to another base */
export const adapterFromPeft = (
  peft: PeftLoraAdapter,
  layers: readonly LinearLayer[],
  options: FromPeftOptions = {},
): ImportedAdapter => {
  checkTying(peft, layers);
  const own = methodOf(peft, options);
  const adapted = layersOf(peft.modules, layers);
  const byModule = new Map(adapted.map((layer) => [layer.module, layer]));
  // rsLoRA divides by the root of the rank; another method's alpha is larger by that for the same scaling.
  const alphaOf = (alpha: number, rank: number): number =>
    peft.useRslora && own.method !== 'rslora' ? alpha * Math.sqrt(rank) : alpha;
  const usualAlpha = alphaOf(peft.alpha, peft.rank);
  checkRoot(own.method, [usualAlpha, ...peft.modules.map(({ alpha }) => alpha)]);
  const rankPattern: Record<string, number> = {};
  const alphaPattern: Record<string, number> = {};
  for (const { module, rank, alpha } of peft.modules) {
    if (rank !== peft.rank) rankPattern[module] = rank;
    if (alphaOf(alpha, rank) !== usualAlpha) alphaPattern[module] = alphaOf(alpha, rank);
  }
  const savedWeights = withoutTiedCopies(peft.savedWeights, layers);
  const weights = savedWeights.map(({ name, shape }) => ({ name, shape }));
  const settings = withTargets(
    { ...own, rank: peft.rank, alpha: usualAlpha, rankPattern, alphaPattern, dropout: peft.dropout },
    peft,
    adapted,
    layers,
    weights,
  );
  const description = describeAdapter(settings);
  const values = new Map<string, Float32Array>();
  for (const { module, loraA, loraB, magnitude } of peft.modules) {
    const { left, right, magnitude: ours } = layerAdapter(description, byModule.get(module) as LinearLayer);
    const factor = (name: string): Factor =>
      [...left, ...right].flat().find((one) => one.name === name) as Factor;
    values.set(factorKey(module, factor('lora_A')), loraA);
    values.set(factorKey(module, factor('lora_B')), loraB);
    if (ours && magnitude) values.set(factorKey(module, ours.lengths), magnitude);
  }
  for (const { name, data } of savedWeights) values.set(name, data);
  return { settings, layers: adapted, weights, values };
};
