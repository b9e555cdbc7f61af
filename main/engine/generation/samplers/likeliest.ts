/**
 * The ids of the `count` largest values, largest first; of equal ones the first. One pass with a short sorted list: most values are smaller
 * than all in it.
 */
export const likeliest = (values: Float32Array | Float64Array, count: number): number[] => {
  const wanted = Math.min(count, values.length);
  const best: number[] = [];
  if (wanted === 0) return best;
  let smallest = -Infinity;
  for (let id = 0; id < values.length; id++) {
    const value = values[id]!;
    if (best.length === wanted && !(value > smallest)) continue;
    let at = best.length === wanted ? wanted - 1 : best.length;
    while (at > 0 && values[best[at - 1]!]! < value) {
      best[at] = best[at - 1]!;
      at--;
    }
    best[at] = id;
    if (best.length === wanted) smallest = values[best[wanted - 1]!]!;
  }
  return best;
};
