/** A class with its probability by each arm. */
export interface ClassRow {
  readonly name: string;
  readonly probabilities: readonly number[];
}

/**
 * The classes that any arm finds among its likeliest, in the order of one of them.
 * @param by the arm in whose order they come
 * @param most of each arm
 */
export const likeliestClasses = (
  classes: readonly string[],
  arms: readonly { readonly probabilities: readonly number[] }[],
  { by, most }: { readonly by: number; readonly most: number },
): ClassRow[] => {
  const first = (arm: number): number[] =>
    classes
      .map((_, label) => label)
      .toSorted((a, b) => arms[arm]!.probabilities[b]! - arms[arm]!.probabilities[a]!)
      .slice(0, most);
  const shown = new Set(arms.flatMap((_, arm) => first(arm)));
  return [...shown]
    .toSorted((a, b) => arms[by]!.probabilities[b]! - arms[by]!.probabilities[a]!)
    .map((label) => ({
      name: classes[label]!,
      probabilities: arms.map(({ probabilities }) => probabilities[label]!),
    }));
};
