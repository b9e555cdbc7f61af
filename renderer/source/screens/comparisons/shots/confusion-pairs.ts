/** Rows are the right classes, columns what was said. */
export type Counts = readonly (readonly number[])[];

export interface Confused {
  readonly right: number;
  readonly said: number;
  readonly count: number;
}

/** Which class was taken for which other most often, by their places. */
export const mostConfused = (counts: Counts, most: number): Confused[] =>
  counts
    .flatMap((row, right) => row.map((count, said) => ({ right, said, count })))
    .filter(({ right, said, count }) => right !== said && count > 0)
    .toSorted((a, b) => b.count - a.count || a.right - b.right || a.said - b.said)
    .slice(0, most);

/**
 * The classes that are shown where there are too many for a table: those that take part in most confusions, in the order of all.
 * @param most how many are shown
 */
export const classesToShow = (counts: Counts, most: number): number[] => {
  const all = counts.map((_, place) => place);
  if (all.length <= most) return all;
  const wrong = all.map((place) =>
    all.reduce(
      (sum, other) => (other === place ? sum : sum + counts[place]![other]! + counts[other]![place]!),
      0,
    ),
  );
  return all
    .toSorted((a, b) => wrong[b]! - wrong[a]! || a - b)
    .slice(0, most)
    .toSorted((a, b) => a - b);
};
