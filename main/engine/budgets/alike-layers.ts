import type { AdapterDescription } from '../adapters/description/adapter-description.ts';
import { outerRank } from '../adapters/layer/layer-adapter.ts';
import type { LayerPlace } from '../models/architecture.ts';

/** Layers on which an adapter has matrices of the same sizes: one of them, and how many there are. */
export interface AlikeLayers {
  readonly place: LayerPlace;
  readonly count: number;
}

/** A search counts thousands of times what a few shapes say: layers of one size, rank and role are counted once. */
export const alikeLayers = (
  { outer }: AdapterDescription,
  layers: readonly LayerPlace[],
): readonly AlikeLayers[] => {
  const groups = new Map<string, { readonly place: LayerPlace; count: number }>();
  for (const place of layers) {
    const { outFeatures, inFeatures, role = 'hidden' } = place;
    const key = [outFeatures, inFeatures, role, outerRank(outer, place)].join(' ');
    const group = groups.get(key);
    if (group) group.count++;
    else groups.set(key, { place, count: 1 });
  }
  return [...groups.values()];
};
