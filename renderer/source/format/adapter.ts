import type { AdapterMethod, AdapterSettings, Model } from '../../../main/api/contract.ts';

export const methodNames: Record<AdapterMethod, string> = { lora: 'LoRA', nora: 'NoRA' };

/** A name that tells configurations apart: `LoRA r16`, `NoRA 128/16`. */
export const shortName = (adapter: AdapterSettings): string =>
  adapter.method === 'lora' ? `LoRA r${adapter.rank}` : `NoRA ${adapter.outerRank}/${adapter.innerRank}`;

/** Its settings in one line. */
export function describeAdapter(adapter: AdapterSettings): string {
  const modules =
    adapter.targetModules === 'all-linear' ? 'all linear layers' : adapter.targetModules.join(', ');
  const ranks =
    adapter.method === 'lora'
      ? `rank ${adapter.rank}`
      : `outer rank ${adapter.outerRank}, inner ${adapter.innerRank}`;
  return `${ranks}, α ${adapter.alpha}, ${modules}`;
}

type TargetModule = Model['targetModules'][number];

/** Every linear layer but the output head, or those named. */
export const targetedModules = (model: Model, adapter: AdapterSettings): TargetModule[] =>
  model.targetModules.filter(({ name }) =>
    adapter.targetModules === 'all-linear' ? name !== 'lm_head' : adapter.targetModules.includes(name),
  );

/** The targeted layer that allows the smallest rank. */
export const narrowestModule = (model: Model, adapter: AdapterSettings): TargetModule | undefined =>
  targetedModules(model, adapter).toSorted((a, b) => largestRank(a) - largestRank(b))[0];

export const largestRank = ({ outFeatures, inFeatures }: TargetModule): number =>
  Math.min(outFeatures, inFeatures);

/** LoRA trains A (r × in) and B (out × r) of each layer; NoRA A' (r' × r) and B' (r × r'). */
export function trainedParameters(model: Model, adapter: AdapterSettings): number {
  const perLayer = ({ outFeatures, inFeatures }: TargetModule): number =>
    adapter.method === 'lora'
      ? adapter.rank * (inFeatures + outFeatures)
      : 2 * adapter.innerRank * adapter.outerRank;
  return targetedModules(model, adapter).reduce((sum, module) => sum + module.count * perLayer(module), 0);
}
