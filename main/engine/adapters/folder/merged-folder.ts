import type { WriteModelFolderOptions } from '../../formats/model-folder-writer.ts';
import type { LinearLayer } from '../../models/architecture.ts';
import { readLayerWeight, storedLayerWeight } from '../../models/weights/model-weights.ts';
import type { Model } from '../../models/model.ts';
import { untiedConfig, untiedWeights, type UntiedWeight } from '../../models/weights/untied-weights.ts';
import { mergeLayer, type FoldedLayer } from '../layer/fold.ts';
import type { FactorValues } from '../layer/layer-adapter.ts';

/** What the model's folder becomes with an adapter merged into its weights. */
export interface MergedFolder {
  readonly changes: Required<Pick<WriteModelFolderOptions, 'replace' | 'added' | 'extraFiles'>>;
  readonly untied: readonly UntiedWeight[];
}

/** @param whole names of base weights that were trained whole, with their numbers in `values` */
export const mergedFolder = (
  model: Model,
  folded: readonly FoldedLayer<LinearLayer>[],
  { whole, values }: { readonly whole: readonly string[]; readonly values: FactorValues },
): MergedFolder => {
  const byWeight = new Map(folded.map((one) => [`${one.layer.module}.weight`, one]));
  const untied = untiedWeights(
    model,
    folded.map(({ layer }) => layer),
  );
  const ownOf = new Map(untied.map(({ name, layer }) => [name, layer]));
  const isWhole = new Set(whole);
  /** By the name in the files. */
  const merged = (fileName: string): Float32Array | undefined => {
    const name = ownOf.has(fileName) ? fileName : model.nameOfFile.get(fileName);
    if (name === undefined) return undefined;
    const one = byWeight.get(name);
    if (one) return storedLayerWeight(one.layer, mergeLayer(one, readLayerWeight(model, one.layer)));
    const own = ownOf.get(name);
    if (own) return readLayerWeight(model, own);
    return isWhole.has(name) ? values.get(name) : undefined;
  };
  return {
    changes: {
      replace: merged,
      added: untied,
      extraFiles:
        untied.length > 0 || model.contradictsTie
          ? [{ name: 'config.json', contents: untiedConfig(model) }]
          : [],
    },
    untied,
  };
};
