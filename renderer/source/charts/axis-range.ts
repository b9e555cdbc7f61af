/** From one end of an axis to the other. */
export type Range = readonly [low: number, high: number];

const margin = 0.05;

/** What a linear axis shows of values: a little more, and where they are all the same the value in its middle. */
export const paddedRange = (low: number | null, high: number | null): [number, number] => {
  if (low === null || high === null) return [0, 1];
  const extent = high - low || (low === 0 ? 2 : Math.abs(low) * 0.2);
  const [bottom, top] = high > low ? [low, high] : [low - extent / 2, high + extent / 2];
  const room = high > low ? extent * margin : 0;
  // No axis below zero for what is never negative.
  return [low >= 0 ? Math.max(0, bottom - room) : bottom - room, top + room];
};

/** The same in powers of ten, of values above zero. */
export const paddedLogRange = (low: number | null, high: number | null): [number, number] => {
  if (low === null || high === null || low <= 0) return [0.1, 10];
  const [bottom, top] = [Math.log10(low), Math.log10(high)];
  const room = Math.max(0.1, (top - bottom) * margin);
  return [10 ** (bottom - room), 10 ** (top + room)];
};

/** A part of a range, from zooming in or out about a place. */
export const scaledRange = (whole: Range, shown: Range, about: number, factor: number): Range | undefined => {
  const low = Math.max(whole[0], about - (about - shown[0]) * factor);
  const high = Math.min(whole[1], about + (shown[1] - about) * factor);
  return low <= whole[0] && high >= whole[1] ? undefined : [low, high];
};
