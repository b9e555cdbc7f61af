import { invalidInput } from '../errors.ts';
import type { PeftVeraAdapter } from '../formats/peft-vera.ts';
import type { LinearLayer } from '../models/architecture.ts';
import { adapterSettingsSchema, describeAdapter } from './adapter-settings.ts';
import type { ImportedAdapter } from './from-peft.ts';
import { allFactors, factorKey, layerAdapter } from './layer-adapter.ts';

/** @throws invalid-input where the model lacks a module or has it larger than the shared pair */
export const adapterFromPeftVera = (
  { rank, modules, shared }: PeftVeraAdapter,
  layers: readonly LinearLayer[],
): ImportedAdapter => {
  const settings = adapterSettingsSchema.parse({
    method: 'vera',
    rank,
    targetModules: modules.map(({ module }) => module),
  });
  const description = describeAdapter(settings);
  const byModule = new Map(layers.map((layer) => [layer.module, layer]));
  const values = new Map<string, Float32Array>();
  for (const { module, lambdaB, lambdaD } of modules) {
    const layer = byModule.get(module);
    if (layer?.outFeatures !== lambdaB.length || layer.inFeatures > shared.mostIn)
      throw invalidInput(`the adapter sits on ${module}, which the model does not have in that size`);
    const numbers: Readonly<Record<string, () => Float32Array>> = {
      lambda_b: () => lambdaB,
      lambda_d: () => lambdaD,
      lora_A: () => leadingColumns(shared.a, shared.mostIn, layer.inFeatures),
      lora_B: () => shared.b.slice(0, layer.outFeatures * rank),
    };
    for (const factor of allFactors(layerAdapter(description, layer))) {
      const key = factorKey(module, factor);
      if (!values.has(key)) values.set(key, numbers[factor.name]!());
    }
  }
  const adapted = new Set(modules.map(({ module }) => module));
  return { settings, layers: layers.filter(({ module }) => adapted.has(module)), weights: [], values };
};

const leadingColumns = (data: Float32Array, from: number, to: number): Float32Array =>
  Float32Array.from({ length: (data.length / from) * to }, (_, at) => {
    const row = Math.floor(at / to);
    return data[row * from + (at % to)] as number;
  });
