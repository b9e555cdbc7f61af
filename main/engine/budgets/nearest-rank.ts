/**
 * The whole number between two at which a function that never falls comes nearest to a target, by bisection: the smaller of two that are
 * as near. Asks for about log2 of the range.
 */
export const nearestWhole = (
  of: (number: number) => number,
  target: number,
  least: number,
  most: number,
): number => {
  let [below, reaches] = [least - 1, most + 1];
  while (reaches - below > 1) {
    const middle = Math.floor((below + reaches) / 2);
    if (of(middle) >= target) reaches = middle;
    else below = middle;
  }
  if (reaches > most) return most;
  if (reaches === least) return least;
  return target - of(reaches - 1) <= of(reaches) - target ? reaches - 1 : reaches;
};
