import { z } from 'zod';
import { scoreNames } from './scores.ts';

/** Values by the name of a score of the registry. */
export const scoreValuesSchema = z.partialRecord(z.enum(scoreNames), z.number());
export type ScoreValues = z.output<typeof scoreValuesSchema>;

/** What one subject did with one item of a task. Pure: a browser can import this. */
export const itemResultSchema = z.strictObject({
  /** Row of the task's file, from 0; of the data that it is held out from where nothing else is named. */
  item: z.int().min(0),
  /**
   * What the model was given, without the task's examples; of losses and classes the whole row as its tokens have it, the part that is scored
   * too. null in results of before that was kept.
   */
  prompt: z.string().nullable(),
  /** The right answer, or null where there is none: losses. */
  expected: z.string().nullable(),
  /** The model's; null where it gave none that the task's rule finds. */
  answer: z.string().nullable(),
  /** Of the item in means: tokens that are scored for losses, 1 otherwise. */
  weight: z.number().positive(),
  values: scoreValuesSchema,
  /**
   * What more there is to read, by the kind of task: `choices` the log-likelihood of each choice, `answers` the whole text and how it ended.
   */
  detail: z.json().nullable(),
});
export type ItemResult = z.output<typeof itemResultSchema>;

/** What is known of a task once its file is read, the same for every subject. */
export const taskFactsSchema = z.strictObject({
  task: z.string(),
  items: z.int(),
  /** The share that guessing gets right on average; null where there is nothing to guess. */
  chance: z.number().nullable(),
  /** The share that always giving the commonest answer gets right; null where answers are not a few classes. */
  majority: z.number().nullable(),
  /** What a person should know of how the numbers may be read: a line each. */
  notices: z.array(z.string()),
});
export type TaskFacts = z.output<typeof taskFactsSchema>;

/** What one subject reached in one task. */
export interface TaskScore extends TaskFacts {
  readonly subject: string;
  readonly scores: ScoreValues;
  readonly results: readonly ItemResult[];
  /** Why there are no scores, in a line; null where there are. */
  readonly problem: string | null;
}
