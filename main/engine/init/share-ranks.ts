import { methods } from '../adapters/methods/index.ts';
import {
  adapterSettingsSchema,
  describeAdapter,
  type AdapterSettings,
} from '../adapters/settings/adapter-settings.ts';
import { layerAdapter, outerRank } from '../adapters/layer/layer-adapter.ts';
import type { LinearLayer } from '../models/architecture.ts';
import { groupsOf } from './initialise-adapter.ts';
import { principalComponents } from './principal-components.ts';
import type { OuterParts } from './outer-input.ts';
import type { ActivationStatistics } from './statistics.ts';

export interface ShareRanksOptions {
  readonly settings: AdapterSettings;
  readonly layers: readonly LinearLayer[];
  readonly calibrate: (layers: readonly LinearLayer[]) => Promise<ActivationStatistics>;
  readonly onLayer?: (done: number) => Promise<void> | void;
}

/** An adapter whose ranks are known: in its settings, layer by layer, and without layers that got none. */
export interface RankedAdapter {
  readonly settings: AdapterSettings;
  readonly layers: readonly LinearLayer[];
  /** What was found on the way: where each layer starts. Absent where ranks are not shared. */
  readonly parts?: ReadonlyMap<LinearLayer, OuterParts>;
}

/**
 * Shares the ranks of all layers out anew by what their inputs' directions explain (EVA, arXiv 2410.07170, section 3): the budget is the
 * sum of the ranks asked for, each goes to the direction of the largest share of its layer's variance that is left, and no layer gets
 * more than `sharedUpTo` times its own. alpha / rank stays as it was. Settings whose ranks are not shared come back as they are.
 */
export const shareRanks = async ({
  settings,
  layers,
  calibrate,
  onLayer,
}: ShareRanksOptions): Promise<RankedAdapter> => {
  const description = describeAdapter(settings);
  const { sharedUpTo } = description.outer.rank;
  if (sharedUpTo === null) return { settings, layers };

  const candidates: { readonly layer: LinearLayer; readonly explained: number }[] = [];
  const directions = new Map<LinearLayer, Float32Array>();
  let [budget, done] = [0, 0];
  for (const group of groupsOf({ description, layers })) {
    const statistics = await calibrate(group);
    for (const layer of group) {
      const { module, inFeatures, outFeatures } = layer;
      const rank = outerRank(description.outer, layer);
      const most = Math.min(Math.round(rank * sharedUpTo), inFeatures, outFeatures);
      const { components, explained } = principalComponents(
        statistics.get(module) ?? {},
        inFeatures,
        most,
        module,
      );
      for (const share of explained) candidates.push({ layer, explained: share });
      directions.set(layer, components);
      budget += rank;
      await onLayer?.(++done);
    }
  }
  // Sorting is stable: of layers that share an input the first ones come first.
  const chosen = candidates.toSorted((a, b) => b.explained - a.explained).slice(0, budget);
  const ranks = new Map<LinearLayer, number>();
  for (const { layer } of chosen) ranks.set(layer, (ranks.get(layer) ?? 0) + 1);

  const kept = layers.filter((layer) => ranks.has(layer));
  const pattern = (of: (layer: LinearLayer) => number): Record<string, number> =>
    Object.fromEntries(kept.map((layer) => [layer.module, of(layer)]));
  const parts = new Map(
    kept.map((layer): [LinearLayer, OuterParts] => {
      const a = (directions.get(layer) as Float32Array).slice(0, ranks.get(layer)! * layer.inFeatures);
      return [layer, { a }];
    }),
  );
  const settled = {
    ...settings,
    ...methods[settings.method].settled,
    rankPattern: pattern((layer) => ranks.get(layer) as number),
    alphaPattern: pattern((layer) => (ranks.get(layer) as number) * layerAdapter(description, layer).scaling),
    targetModules: kept.map(({ module }) => module),
  };
  return { layers: kept, parts, settings: adapterSettingsSchema.parse(settled) };
};
