import { invalidInput } from '../../errors.ts';
import type { PeftVeraAdapter } from './vera-file.ts';
import { leadingPart } from '../../linear-algebra/matrix.ts';
import type { LinearLayer } from '../../models/architecture.ts';
import { describeAdapter } from '../../adapters/settings/adapter-settings.ts';
import { withTargets, type ImportedAdapter } from './lora-read.ts';
import { allFactors, factorKey, layerAdapter } from '../../adapters/layer/layer-adapter.ts';

/** @throws invalid-input where the model lacks a module or has it larger than the shared pair */
export const adapterFromPeftVera = (
  peft: PeftVeraAdapter,
  layers: readonly LinearLayer[],
): ImportedAdapter => {
  const { rank, initial, modules, shared, savedWeights } = peft;
  const byModule = new Map(layers.map((layer) => [layer.module, layer]));
  for (const { module, lambdaB } of modules) {
    const layer = byModule.get(module);
    if (layer?.outFeatures !== lambdaB.length || layer.inFeatures > shared.mostIn)
      throw invalidInput(`the adapter sits on ${module}, which the model does not have in that size`);
  }
  const vectors = new Map(modules.map((one) => [one.module, one]));
  const adapted = layers.filter(({ module }) => vectors.has(module));
  const weights = savedWeights.map(({ name, shape }) => ({ name, shape }));
  const settings = withTargets(
    { method: 'vera', rank, initial, dropout: peft.dropout },
    peft,
    adapted,
    layers,
    weights,
  );
  const description = describeAdapter(settings);
  const values = new Map<string, Float32Array>();
  for (const layer of adapted) {
    const { lambdaB, lambdaD } = vectors.get(layer.module)!;
    const numbers: Readonly<Record<string, () => Float32Array>> = {
      lambda_b: () => lambdaB,
      lambda_d: () => lambdaD,
      lora_A: () =>
        leadingPart({ rows: rank, columns: shared.mostIn, data: shared.a }, rank, layer.inFeatures).data,
      lora_B: () =>
        leadingPart({ rows: shared.mostOut, columns: rank, data: shared.b }, layer.outFeatures, rank).data,
    };
    for (const factor of allFactors(layerAdapter(description, layer))) {
      const key = factorKey(layer.module, factor);
      if (!values.has(key)) values.set(key, numbers[factor.name]!());
    }
  }
  for (const { name, data } of savedWeights) values.set(name, data);
  return { settings, layers: adapted, weights, values };
};
