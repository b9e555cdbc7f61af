/** Where a function that rises with x is zero between two bounds: by halving, to the last digit. */
export const findRoot = (rising: (x: number) => number, low: number, high: number): number => {
  for (let halvings = 0; halvings < 200; halvings++) {
    const middle = low + (high - low) / 2;
    if (middle <= low || middle >= high) break;
    if (rising(middle) < 0) low = middle;
    else high = middle;
  }
  return low + (high - low) / 2;
};
