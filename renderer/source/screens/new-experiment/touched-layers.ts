import { isTargeted, layerNumber, targetingOf } from '../../../../main/api/contract.ts';
import type { AdapterSettings, LayerPlace, Model } from '../../../../main/api/contract.ts';
import { matrixName, towerOf, type Tower } from './towers.ts';

/** The matrices of one name, one of each layer that has it, and which of them an adapter sits on. */
export interface LayerRow {
  readonly name: string;
  readonly touched: readonly boolean[];
}

export interface TowerRows {
  /** Null for a model of one tower. */
  readonly tower: Tower | null;
  readonly rows: readonly LayerRow[];
}

/** As paths would be, as far as a model's groups tell: until its layers are known. */
export const placesOf = ({ targetModules, layers }: Pick<Model, 'targetModules' | 'layers'>): LayerPlace[] =>
  targetModules.flatMap(({ name, count, ...group }) =>
    Array.from({ length: count }, (_, layer) => ({
      ...group,
      module: count === layers ? `model.layers.${layer}.${name}` : name,
    })),
  );

/** Which matrices an adapter changes, tower by tower; all of them where the weights themselves are trained. */
export const touchedLayers = (places: readonly LayerPlace[], adapter: AdapterSettings): TowerRows[] => {
  const targeting = targetingOf(adapter);
  const isTouched = (place: LayerPlace): boolean => {
    try {
      return targeting === null || isTargeted(place, targeting);
    } catch {
      return false; // a regular expression that is none: its field says so
    }
  };
  const towers = new Map<Tower | null, Map<string, boolean[]>>();
  for (const place of inOrder(places)) {
    const tower = towerOf(place.module);
    const rows = towers.get(tower) ?? new Map<string, boolean[]>();
    towers.set(tower, rows);
    const name = matrixName(place.module);
    rows.set(name, [...(rows.get(name) ?? []), isTouched(place)]);
  }
  return [...towers].map(([tower, rows]) => ({
    tower,
    rows: [...rows].map(([name, touched]) => ({ name, touched })),
  }));
};

/** Layers by their numbers, whatever order a folder has them in. */
const inOrder = (places: readonly LayerPlace[]): LayerPlace[] =>
  places.toSorted((a, b) => (layerNumber(a.module) ?? 0) - (layerNumber(b.module) ?? 0));
