import type { ItemResult, ScoreValues } from './item-result.ts';
import { scoreRegistry, type ScoreName } from './scores.ts';

/** Rows are the right classes, columns the predicted ones. */
export interface Confusion {
  /** All that are expected or predicted, sorted. */
  readonly classes: readonly string[];
  readonly counts: readonly (readonly number[])[];
}

/** How often each class was taken for which. Pure, as all here: a browser can import this. */
export const confusionOf = (results: readonly ItemResult[]): Confusion => {
  const classes = [
    ...new Set([
      ...results.flatMap(({ expected }) => expected ?? []),
      ...results.flatMap(({ answer }) => answer ?? []),
    ]),
  ].toSorted();
  const at = new Map(classes.map((name, index) => [name, index]));
  const counts = classes.map(() => classes.map(() => 0));
  for (const { expected, answer } of results)
    if (expected !== null && answer !== null) counts[at.get(expected)!]![at.get(answer)!]! += 1;
  return { classes, counts };
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

/** The weighted mean of a score over the items that have it; undefined where none has. */
const meanOf = (results: readonly ItemResult[], name: ScoreName): number | undefined => {
  let [sum, weights] = [0, 0];
  for (const { values, weight } of results) {
    const value = values[name];
    if (value === undefined) continue;
    sum += weight * value;
    weights += weight;
  }
  return weights === 0 ? undefined : sum / weights;
};

/** Scores that are no means of items: from the means, and from all items. */
const derived: Readonly<
  Partial<Record<ScoreName, (means: ScoreValues, results: readonly ItemResult[]) => number | undefined>>
> = {
  perplexity: ({ loss, accuracy }) =>
    loss === undefined || accuracy !== undefined ? undefined : Math.exp(loss),
  f1: ({ loss, accuracy }, results) =>
    loss === undefined || accuracy === undefined ? undefined : macroF1(confusionOf(results)),
};

/** All scores of one subject in one task, from its items, which need no order. */
export const scoreItems = (results: readonly ItemResult[]): ScoreValues => {
  const scores: ScoreValues = {};
  for (const { name, mean } of scoreRegistry) {
    const value = mean ? meanOf(results, name) : undefined;
    if (value !== undefined) scores[name] = value;
  }
  const means = { ...scores };
  for (const { name } of scoreRegistry) {
    const value = derived[name]?.(means, results);
    if (value !== undefined && Number.isFinite(value)) scores[name] = value;
  }
  return scores;
};
