/** How much less likely than the likeliest token those are that are sorted first, and then those after. */
const floors = [1e-3, 1e-6, 0];

/**
 * Leaves the likeliest tokens that reach `share` of the probability together, the one that reaches it included (nucleus sampling,
 * arXiv 1904.09751). Few tokens are likely: most need not be sorted.
 */
export const keepTopP = (weights: Float64Array, share: number): void => {
  if (share >= 1) return;
  let [total, largest] = [0, 0];
  for (const weight of weights) {
    total += weight;
    if (weight > largest) largest = weight;
  }
  for (const floor of floors) {
    const likely: number[] = [];
    for (let id = 0; id < weights.length; id++) if (weights[id]! > floor * largest) likely.push(id);
    // As torch.sort over the ascending order, read from its end: of equal ones the last comes first.
    likely.sort((a, b) => weights[b]! - weights[a]! || b - a);
    let sum = 0;
    for (const [index, id] of likely.entries()) {
      sum += weights[id]!;
      if (sum < share * total) continue;
      keepOnly(weights, likely.slice(0, index + 1));
      return;
    }
  }
};

const keepOnly = (weights: Float64Array, ids: readonly number[]): void => {
  const kept = ids.map((id) => [id, weights[id]!] as const);
  weights.fill(0);
  for (const [id, weight] of kept) weights[id] = weight;
};
