import { adaloraContents, type AdaloraModule } from './adalora-file.ts';
import type { PeftContents } from '../folder.ts';
import type { PeftPlacement } from '../targeting.ts';
import { describeAdapter } from '../../adapters/settings/adapter-settings.ts';
import { allFactors, factorKey, layerAdapter } from '../../adapters/layer/layer-adapter.ts';
import type { AdapterToWrite } from '../form.ts';

/** PEFT has one rank and one alpha for all modules: null where ours differ. */
export const adapterToPeftAdalora = (
  { settings, layers, values }: AdapterToWrite,
  placement: PeftPlacement,
): PeftContents | null => {
  if (settings.method !== 'adalora') return null;
  const description = describeAdapter(settings);
  const { rank, alpha } = settings;
  const usual = alpha / (rank + 1e-5);
  const isUsual = layers.every((layer) => {
    const adapter = layerAdapter(description, layer);
    return adapter.rank === rank && adapter.scaling === usual;
  });
  if (!isUsual) return null;
  const modules = layers.map((layer): AdaloraModule => {
    const { module, outFeatures, inFeatures } = layer;
    const numbers = Object.fromEntries(
      allFactors(layerAdapter(description, layer)).map((factor) => [
        factor.name,
        values.get(factorKey(module, factor)) as Float32Array,
      ]),
    );
    const { lora_A: a, lora_B: b, lora_E: e } = numbers;
    return { module, outFeatures, inFeatures, a: a!, b: b!, e: e! };
  });
  return adaloraContents({
    ...placement,
    rank,
    alpha,
    dropout: settings.dropout,
    modules,
    schedule: {
      target_r: settings.targetRank,
      tinit: settings.initialSteps,
      tfinal: settings.finalSteps,
      deltaT: settings.everySteps,
      beta1: settings.beta1,
      beta2: settings.beta2,
      orth_reg_weight: settings.orthogonality,
    },
  });
};
