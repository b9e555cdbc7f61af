import { confusionOf, macroF1, meanClassAccuracy } from './confusion.ts';
import type { ItemResult, ScoreValues } from './item-result.ts';
import { scoreRegistry, type ScoreName } from './scores.ts';

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

/** Other items are right or wrong, or have a loss. */
const isOfClasses = ({ loss, accuracy }: ScoreValues): boolean =>
  loss !== undefined && accuracy !== undefined;

/** Scores that are no means of items: from the means, and from all items. */
const derived: Readonly<
  Partial<Record<ScoreName, (means: ScoreValues, results: readonly ItemResult[]) => number | undefined>>
> = {
  perplexity: ({ loss, accuracy }) =>
    loss === undefined || accuracy !== undefined ? undefined : Math.exp(loss),
  class_accuracy: (means, results) =>
    isOfClasses(means) ? meanClassAccuracy(confusionOf(results)) : undefined,
  f1: (means, results) => (isOfClasses(means) ? macroF1(confusionOf(results)) : undefined),
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
