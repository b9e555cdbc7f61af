import { factorKey, allFactors, layerAdapter } from '../adapters/layer/layer-adapter.ts';
import { isSavedWhole, selectTargets } from '../adapters/layer/target-modules.ts';
import {
  adapterSettingsSchema,
  describeAdapter,
  type AdapterSettings,
} from '../adapters/settings/adapter-settings.ts';
import { invalidInput, WorkbenchError } from '../errors.ts';
import { moduleOfWeight, type LinearLayer } from '../models/architecture.ts';
import { check, checked } from '../problems.ts';
import { peftConfigFile } from './folder.ts';
import type { ImportedAdapter } from './form.ts';
import type { SavedWeight } from './saved-weights.ts';
import type { PeftTargeting } from './targeting.ts';

/** What a form finds in a folder. */
export interface FoundAdapter {
  /** Ours, but for the targets. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly targeting: PeftTargeting;
  /** The layers that it has tensors for, in the model's order. */
  readonly adapted: readonly LinearLayer[];
  readonly savedWeights: readonly SavedWeight[];
  /** A layer's numbers by the names of our factors, as far as the file has them. */
  readonly numbers: (layer: LinearLayer) => Readonly<Record<string, (() => Float32Array) | undefined>>;
}

/** @param layers all that the model has */
export const importedAdapter = (found: FoundAdapter, layers: readonly LinearLayer[]): ImportedAdapter => {
  const { adapted, savedWeights, numbers } = found;
  const settings = withTargets(found, layers);
  const description = describeAdapter(settings);
  const values = new Map<string, Float32Array>();
  for (const layer of adapted) {
    const own = numbers(layer);
    for (const factor of allFactors(layerAdapter(description, layer))) {
      const key = factorKey(layer.module, factor);
      const data = own[factor.name];
      if (data && !values.has(key)) values.set(key, data());
    }
  }
  for (const { name, data } of savedWeights) values.set(name, data);
  return {
    settings,
    layers: adapted,
    weights: savedWeights.map(({ name, shape }) => ({ name, shape })),
    values,
  };
};

/** A module as a file has it. */
export interface ModuleSize {
  readonly module: string;
  readonly outFeatures: number;
  readonly inFeatures: number;
  /** A side of a convolution's kernel; absent for others. */
  readonly kernelSize?: number;
}

const sizeText = ({ outFeatures, inFeatures, kernelSize: size }: Omit<ModuleSize, 'module'>): string =>
  size === undefined
    ? `${outFeatures} x ${inFeatures}`
    : `${outFeatures} x ${inFeatures / size ** 2} x ${size} x ${size}`;

const isSize = (
  { outFeatures, inFeatures, kernel }: LinearLayer,
  found: Omit<ModuleSize, 'module'>,
): boolean =>
  outFeatures === found.outFeatures && inFeatures === found.inFeatures && kernel?.size === found.kernelSize;

/** The model's layers that an adapter sits on, in its order. @throws invalid-input for one that it lacks or has in another size */
export const layersOf = (
  modules: readonly ModuleSize[],
  layers: readonly LinearLayer[],
): readonly LinearLayer[] => {
  const byModule = new Map(layers.map((layer) => [layer.module, layer]));
  for (const found of modules) {
    const layer = byModule.get(found.module);
    if (!layer || !isSize(layer, found))
      throw invalidInput(
        `the adapter sits on ${found.module} (${sizeText(found)}), which the model does not have`,
      );
  }
  const adapted = new Set(modules.map(({ module }) => module));
  return layers.filter(({ module }) => adapted.has(module));
};

/**
 * Settings with the targets as the file names them, where those choose the very layers that it has tensors for; with the layers' whole
 * paths otherwise (PEFT leaves out what it finds no use for). Modules trained whole are those that the file holds.
 */
const withTargets = (
  { settings, targeting, adapted, savedWeights }: FoundAdapter,
  layers: readonly LinearLayer[],
): AdapterSettings => {
  const { targetModules, excludeModules, layersToTransform } = targeting;
  const modulesToSave = heldModules(targeting.modulesToSave, savedWeights);
  const exact = checked(
    adapterSettingsSchema,
    { ...settings, targetModules: adapted.map(({ module }) => module), modulesToSave },
    peftConfigFile,
  );
  if (targetModules === null) return exact;
  const { value: named } = check(adapterSettingsSchema, {
    ...settings,
    targetModules: typeof targetModules === 'string' ? targetModules : [...targetModules].sort(),
    excludeModules,
    layersToTransform,
    modulesToSave,
  });
  if (named === null) return exact;
  const chosen = chosenBy(named, layers);
  return chosen.length === adapted.length && chosen.every((layer) => adapted.includes(layer)) ? named : exact;
};

/**
 * The modules that a file holds whole, as the file names them where those names choose its very weights here as well: PEFT's `norm` is
 * every module whose name ends so, ours is one that is called so.
 */
const heldModules = (modulesToSave: readonly string[], weights: readonly SavedWeight[]): string[] => {
  const modules = [...new Set(weights.map(({ name }) => moduleOfWeight(name)))];
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
