import { likeliest } from './likeliest.ts';

/** Long lists are sorted as a whole instead. */
const shortList = 256;

const smallestKept = (weights: Float64Array, count: number): number =>
  count <= shortList
    ? weights[likeliest(weights, count).at(-1)!]!
    : weights.toSorted()[weights.length - count]!;

/** Leaves the `count` likeliest tokens, and those that are as likely as the last of them. */
export const keepTopK = (weights: Float64Array, count: number): void => {
  if (count >= weights.length) return;
  const smallest = smallestKept(weights, count);
  for (let id = 0; id < weights.length; id++) if (weights[id]! < smallest) weights[id] = 0;
};
