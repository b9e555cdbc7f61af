import { lengthOf } from '../../templates/python/characters.ts';
import type { ItemResult, ScoreValues } from '../item-result.ts';
import { assertNumbers } from '../not-a-number.ts';
import type { ScoreName } from '../scores.ts';

export interface JudgedChoices {
  readonly item: number;
  readonly prompt: string;
  /** The texts whose lengths count, without a space before them. */
  readonly choices: readonly string[];
  readonly labels: readonly string[];
  readonly answer: number;
  readonly scores: readonly ScoreName[];
}

/** The first of several largest, as numpy's argmax. */
const likeliest = (values: readonly number[]): number => values.indexOf(Math.max(...values));

/** What a log-likelihood is divided by, before the largest one is the model's choice. Characters are code points, as Python counts. */
const divisors: Readonly<Partial<Record<ScoreName, (choice: string) => number>>> = {
  accuracy: () => 1,
  accuracy_characters: lengthOf,
  accuracy_bytes: (choice) => new TextEncoder().encode(choice).length,
};

/** lm-evaluation-harness' acc, acc_norm and acc_bytes of an item, from the log-likelihoods of its choices. */
export const judgeChoices = (
  { item, prompt, choices, labels, answer, scores }: JudgedChoices,
  logLikelihoods: readonly number[],
): ItemResult => {
  assertNumbers(logLikelihoods, item);
  const values: ScoreValues = {};
  for (const name of scores) {
    const divisor = divisors[name] as (choice: string) => number;
    const scaled = logLikelihoods.map((value, index) => value / divisor(choices[index]!));
    values[name] = likeliest(scaled) === answer ? 1 : 0;
  }
  return {
    item,
    prompt,
    expected: labels[answer]!,
    answer: labels[likeliest(logLikelihoods)]!,
    weight: 1,
    values,
    detail: { choices: [...choices], logLikelihoods: [...logLikelihoods] },
  };
};
