import type { PeftAdaloraAdapter } from './adalora-file.ts';
import type { LinearLayer } from '../../models/architecture.ts';
import { describeAdapter } from '../../adapters/settings/adapter-settings.ts';
import { layersOf, withTargets, type ImportedAdapter } from './lora-read.ts';
import { allFactors, factorKey, layerAdapter } from '../../adapters/layer/layer-adapter.ts';

/** @throws invalid-input where the model lacks a module or has it in another size */
export const adapterFromPeftAdalora = (
  peft: PeftAdaloraAdapter,
  layers: readonly LinearLayer[],
): ImportedAdapter => {
  const { rank, alpha, modules, config, savedWeights } = peft;
  const adapted = layersOf(modules, layers);
  const weights = savedWeights.map(({ name, shape }) => ({ name, shape }));
  const own = {
    method: 'adalora',
    rank,
    alpha,
    dropout: config.lora_dropout,
    targetRank: config.target_r,
    initialSteps: config.tinit,
    finalSteps: config.tfinal,
    everySteps: config.deltaT,
    beta1: config.beta1,
    beta2: config.beta2,
    orthogonality: config.orth_reg_weight,
  };
  const settings = withTargets(own, peft, adapted, layers, weights);
  const description = describeAdapter(settings);
  const numbers = new Map(modules.map((one) => [one.module, one]));
  const values = new Map<string, Float32Array>();
  for (const layer of adapted) {
    const { a, b, e } = numbers.get(layer.module)!;
    const byName: Readonly<Record<string, Float32Array>> = { lora_A: a, lora_B: b, lora_E: e };
    for (const factor of allFactors(layerAdapter(description, layer)))
      values.set(factorKey(layer.module, factor), byName[factor.name] as Float32Array);
  }
  for (const { name, data } of savedWeights) values.set(name, data);
  return { settings, layers: adapted, weights, values };
};
