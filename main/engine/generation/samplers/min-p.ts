/** Leaves tokens that are at least `share` times as likely as the likeliest (arXiv 2407.01082). */
export const keepMinP = (weights: Float64Array, share: number): void => {
  let largest = 0;
  for (const weight of weights) if (weight > largest) largest = weight;
  for (let id = 0; id < weights.length; id++) if (weights[id]! < share * largest) weights[id] = 0;
};
