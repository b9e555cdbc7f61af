/** Points in the plane: x and y of each, one after the other. */
export type Points = readonly number[];

/** What is shown of the plane: the middle, and how far it reaches to each side. */
export interface Extent {
  readonly x: number;
  readonly y: number;
  readonly reach: number;
}

/** A square around all points, with some room. */
export const extentOf = (sets: readonly Points[]): Extent => {
  const bounds = [0, 1].map((axis) => {
    let [low, high] = [Infinity, -Infinity];
    for (const points of sets)
      for (let at = axis; at < points.length; at += 2) {
        low = Math.min(low, points[at]!);
        high = Math.max(high, points[at]!);
      }
    return { middle: (low + high) / 2, half: (high - low) / 2 };
  });
  const [x, y] = bounds;
  return { x: x!.middle, y: y!.middle, reach: 1.06 * Math.max(x!.half, y!.half) || 1 };
};

/** Places in a square of so many pixels. Both axes have one scale, so that distances can be compared; y grows upwards. */
export const placesIn = (points: Points, { x, y, reach }: Extent, side: number): number[] =>
  points.map((value, at) =>
    at % 2 === 0 ? ((value - x) / reach + 1) * (side / 2) : (1 - (value - y) / reach) * (side / 2),
  );

/** The point nearest to a place, by number; undefined where none is within `most` pixels. */
export const nearestPoint = (
  places: readonly number[],
  [x, y]: readonly [number, number],
  most: number,
): number | undefined => {
  let [nearest, distance] = [-1, most * most];
  for (let at = 0; at < places.length; at += 2) {
    const squared = (places[at]! - x) ** 2 + (places[at + 1]! - y) ** 2;
    if (squared <= distance) [nearest, distance] = [at / 2, squared];
  }
  return nearest < 0 ? undefined : nearest;
};

/** Dots as one path: lines of no length, whose ends are round. */
export const dots = (places: readonly number[], shown: (at: number) => boolean): string => {
  let path = '';
  for (let at = 0; at < places.length / 2; at++)
    if (shown(at)) path += `M${places[2 * at]!.toFixed(1)} ${places[2 * at + 1]!.toFixed(1)}h0`;
  return path;
};
