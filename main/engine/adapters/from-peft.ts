import type { PeftLoraAdapter } from '../formats/peft-adapter.ts';
import type { LinearLayer } from '../models/architecture.ts';
import type { TrainedWeight } from './adapter-folder.ts';
import { adapterSettingsSchema, describeAdapter, type AdapterSettings } from './adapter-settings.ts';
import { invalidInput, WorkbenchError } from '../errors.ts';
import { factorKey, layerAdapter, type Factor, type FactorValues } from './layer-adapter.ts';
import { checkTying, withoutTiedCopies } from './peft-tying.ts';

/** An adapter of PEFT's LoRA family in our terms: what it is, where it sits, and the numbers that its file holds. */
export interface ImportedAdapter {
  readonly settings: AdapterSettings;
  readonly layers: readonly LinearLayer[];
  /** Base weights that were trained whole; their numbers are in `values`. */
  readonly weights: readonly TrainedWeight[];
  /** Of the factors that are in the file; frozen ones that PEFT makes again from the base's weights are not. */
  readonly values: FactorValues;
}

/** Which of our methods a LoRA configuration is, by its flags. */
const methodOf = ({ useDora, useRslora, initialisation }: PeftLoraAdapter): AdapterSettings['method'] => {
  if (useDora && useRslora)
    throw new WorkbenchError('unsupported', 'adapter_config.json: use_dora together with use_rslora');
  if (useDora) return 'dora';
  if (useRslora) return 'rslora';
  if (initialisation.startsWith('pissa')) return 'pissa';
  return initialisation === 'olora' ? 'olora' : 'lora';
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

/** @throws invalid-input where the model lacks a module or has it in another size */
export const adapterFromPeft = (peft: PeftLoraAdapter, layers: readonly LinearLayer[]): ImportedAdapter => {
  checkTying(peft, layers);
  const adapted = layersOf(peft.modules, layers);
  const byModule = new Map(adapted.map((layer) => [layer.module, layer]));
  const rankPattern: Record<string, number> = {};
  const alphaPattern: Record<string, number> = {};
  for (const { module, rank, alpha } of peft.modules) {
    if (rank !== peft.rank) rankPattern[module] = rank;
    if (alpha !== peft.alpha) alphaPattern[module] = alpha;
  }
  const settings = adapterSettingsSchema.parse({
    method: methodOf(peft),
    rank: peft.rank,
    alpha: peft.alpha,
    rankPattern,
    alphaPattern,
    targetModules: peft.modules.map(({ module }) => module),
    modulesToSave: peft.modulesToSave,
  });
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
  const savedWeights = withoutTiedCopies(peft.savedWeights, layers);
  for (const { name, data } of savedWeights) values.set(name, data);
  const weights = savedWeights.map(({ name, shape }) => ({ name, shape }));
  return { settings, layers: adapted, weights, values };
};
