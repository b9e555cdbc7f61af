import { targetedGroups } from '../../../../main/api/contract.ts';
import type { AdapterSettings, Model } from '../../../../main/api/contract.ts';

/** The matrices of one name, one of each layer that has it, and which of them an adapter sits on. */
export interface LayerRow {
  readonly name: string;
  readonly touched: readonly boolean[];
}

/** Which matrices an adapter changes; all of them where the weights themselves are trained. */
export const touchedLayers = (
  { targetModules, layers }: Pick<Model, 'targetModules' | 'layers'>,
  adapter: AdapterSettings,
): LayerRow[] => {
  const chosen = 'layersToTransform' in adapter ? (adapter.layersToTransform ?? []) : [];
  // Groups are by name, so the numbers of layers are looked at here.
  const anywhere = 'layersToTransform' in adapter ? { ...adapter, layersToTransform: null } : adapter;
  const targeted = new Set(
    'targetModules' in adapter ? targetedGroups(targetModules, anywhere) : targetModules,
  );
  const rows = new Map<string, boolean[]>();
  for (const group of targetModules) {
    const cells = Array.from({ length: group.count }, (_, layer) => {
      const isChosen = chosen.length === 0 || (group.count === layers && chosen.includes(layer));
      return targeted.has(group) && isChosen;
    });
    rows.set(group.name, [...(rows.get(group.name) ?? []), ...cells]);
  }
  return [...rows].map(([name, touched]) => ({ name, touched }));
};
