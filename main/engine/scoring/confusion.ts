import type { ItemResult } from './item-result.ts';

/** Pure: a browser can import this. */

/** Rows are the right classes, columns the predicted ones. */
export interface Confusion {
  readonly classes: readonly string[];
  readonly counts: readonly (readonly number[])[];
}

type Answered = Pick<ItemResult, 'expected' | 'answer'>;

/** All that are expected or predicted, sorted. */
export const classesOf = (results: readonly Answered[]): string[] =>
  [
    ...new Set(results.flatMap(({ expected, answer }) => [expected, answer].filter((name) => name !== null))),
  ].toSorted();

/**
 * How often each class was taken for which.
 * @param classes among which all of the results' are; those of the results unless told otherwise
 */
export const confusionOf = (
  results: readonly Answered[],
  classes: readonly string[] = classesOf(results),
): Confusion => {
  const at = new Map(classes.map((name, index) => [name, index]));
  const counts = classes.map(() => classes.map(() => 0));
  for (const { expected, answer } of results)
    if (expected !== null && answer !== null) counts[at.get(expected)!]![at.get(answer)!]! += 1;
  return { classes, counts };
};

/** Of each class the share of its items that were taken for it; null for a class that no item is of. */
export const classAccuracies = ({ classes, counts }: Confusion): (number | null)[] =>
  classes.map((_, at) => {
    const items = counts[at]!.reduce((sum, count) => sum + count, 0);
    return items === 0 ? null : counts[at]![at]! / items;
  });

/** The mean over the classes that items are of: each class counts alike. As scikit-learn's balanced_accuracy_score. */
export const meanClassAccuracy = (confusion: Confusion): number => {
  const known = classAccuracies(confusion).filter((share) => share !== null);
  return known.reduce((sum, share) => sum + share, 0) / known.length;
};

/**
 * F1 of each class, the mean over them: each class counts alike, however many rows it has. A class that is neither expected nor
 * predicted is none of `confusion`; one that is never right has 0. As scikit-learn's f1_score(average="macro").
 */
export const macroF1 = ({ counts }: Confusion): number => {
  const scores = counts.map((row, index) => {
    const expected = row.reduce((sum, count) => sum + count, 0);
    const predicted = counts.reduce((sum, other) => sum + other[index]!, 0);
    return (2 * row[index]!) / (expected + predicted);
  });
  return scores.reduce((sum, score) => sum + score, 0) / scores.length;
};
