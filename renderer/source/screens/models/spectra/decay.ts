import { curvePlaces, type SiteKind } from '../../../../../main/api/contract.ts';

/** Below this share of the largest a singular value is drawn at the edge: what is smaller takes no part in any rank that people choose. */
export const decayFloor = 1e-3;

/** A curve as points: the place of each value, counted from 1, and its share of the largest. */
export const decayPoints = (curve: readonly number[], values: number): [number, number][] =>
  curvePlaces(values).map((place, index) => [place, Math.max(curve[index] ?? 0, decayFloor)]);

/** How many singular values a weight of a kind has, which is also the largest rank of an adapter on it. */
export const valuesOf = ({ outFeatures, inFeatures }: Pick<SiteKind, 'outFeatures' | 'inFeatures'>): number =>
  Math.min(outFeatures, inFeatures);

/** `model.layers.3.self_attn.q_proj` is read by its number: `Layer 3`. Others by their own name. */
export const layerTitle = (module: string): string => {
  const numbers = module.match(/(?<=\.)\d+(?=\.)/g);
  return numbers === null ? module : `Layer ${numbers.join('.')}`;
};
