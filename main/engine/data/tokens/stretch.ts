/** A half-open stretch of a text, in UTF-16 code units. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** What is left of a text when stretches of it, in order, are taken out. */
export const stretchesBetween = (taken: readonly Stretch[], length: number): Stretch[] => {
  const starts = [0, ...taken.map(({ end }) => end)];
  const ends = [...taken.map(({ start }) => start), length];
  return starts.map((start, index) => ({ start, end: ends[index]! })).filter(({ start, end }) => start < end);
};
