import type { PeftAdaloraAdapter } from '../formats/peft-adalora.ts';
import type { LinearLayer } from '../models/architecture.ts';
import { adapterSettingsSchema, describeAdapter } from './adapter-settings.ts';
import { layersOf, type ImportedAdapter } from './from-peft.ts';
import { allFactors, factorKey, layerAdapter } from './layer-adapter.ts';

/** @throws invalid-input where the model lacks a module or has it in another size */
export const adapterFromPeftAdalora = (
  { rank, alpha, modules, config }: PeftAdaloraAdapter,
  layers: readonly LinearLayer[],
): ImportedAdapter => {
  const settings = adapterSettingsSchema.parse({
    method: 'adalora',
    rank,
    alpha,
    targetRank: config.target_r,
    initialSteps: config.tinit,
    finalSteps: config.tfinal,
    everySteps: config.deltaT,
    beta1: config.beta1,
    beta2: config.beta2,
    orthogonality: config.orth_reg_weight,
    targetModules: modules.map(({ module }) => module),
  });
  const description = describeAdapter(settings);
  const adapted = layersOf(modules, layers);
  const numbers = new Map(modules.map((one) => [one.module, one]));
  const values = new Map<string, Float32Array>();
  for (const layer of adapted) {
    const { a, b, e } = numbers.get(layer.module)!;
    const byName: Readonly<Record<string, Float32Array>> = { lora_A: a, lora_B: b, lora_E: e };
    for (const factor of allFactors(layerAdapter(description, layer)))
      values.set(factorKey(layer.module, factor), byName[factor.name] as Float32Array);
  }
  return { settings, layers: adapted, weights: [], values };
};
