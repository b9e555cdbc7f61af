import type { FidelityMeasured } from '../../trainer/protocol/fidelity-schema.ts';
import { countText } from '../comparisons/answer/number-text.ts';

type Folder = FidelityMeasured['folders'][number];

export interface PairedItems {
  /** As the first folder names them. */
  readonly items: Folder;
  /** Of each folder, which of its pictures each item is. */
  readonly places: readonly (readonly number[])[];
  readonly notices: readonly string[];
}

/** Pictures of one prompt and noise, in every folder: an item each. */
export const pairedItems = (folders: readonly Folder[]): PairedItems => {
  const placesOf = folders.map((folder) => new Map(folder.map(({ key }, at) => [key, at])));
  const items = folders[0]!.filter(({ key }) => placesOf.every((places) => places.has(key)));
  const places = placesOf.map((own) => items.map(({ key }) => own.get(key)!));
  return { items, places, notices: [...partnerless(folders, items), ...whatItemsAre(items, folders.length)] };
};

const partnerless = (folders: readonly Folder[], items: Folder): string[] => {
  const left = folders.reduce((sum, folder) => sum + folder.length - items.length, 0);
  if (left === 0) return [];
  if (items.length === 0)
    return [
      'No picture is of the same prompt and seed in every folder, so arms are compared by their means alone: draw them from the same prompts and seeds.',
    ];
  return [
    `${countText(left, 'picture')} without a partner of the same prompt and seed in every folder ${left === 1 ? 'is' : 'are'} no part of the comparison; means have them.`,
  ];
};

const whatItemsAre = (items: Folder, folders: number): string[] => {
  if (folders < 2 || items.length === 0) return [];
  if (items.some(({ seed }) => seed === null))
    return [
      'Pictures are paired by their names: nothing says that those of one name are from one prompt and the same noise.',
    ];
  const prompts = new Set(items.map(({ prompt }) => prompt)).size;
  return [
    `${countText(items.length, 'item')}: pictures of ${countText(prompts, 'prompt')}. Those of one prompt are alike, so p and intervals speak of these prompts.`,
  ];
};
