import { z } from 'zod';
import { dateSchema } from '../../engine/data/chat/template-date.ts';
import { rowsSourceSchema } from './dataset-source.ts';

/** What can be found out of data by going through all rows of them. */
export const surveyQuestionSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('lengths'),
    dataset: rowsSourceSchema,
    modelDirectory: z.string(),
    lossOn: z.enum(['completion', 'all']),
    date: dateSchema,
  }),
  z.strictObject({
    kind: z.literal('duplicates'),
    dataset: rowsSourceSchema,
    /** That says which rows are held out, where no file does. */
    seed: z.int(),
  }),
]);

const counts = z.array(z.tuple([z.int(), z.int()])).readonly();

export const lengthsSchema = z.strictObject({
  rows: z.int(),
  /** A fair sample of them where they are many. */
  measured: z.int(),
  /** How many rows have so many tokens, by tokens. */
  lengths: counts,
  /** How many rows are learnt from if at least so many of their tokens are left; under 0 those that never are. */
  learntFrom: counts,
});

/** A row by its line in its file, from 1, and how it begins. */
const shownRowSchema = z.strictObject({ line: z.int(), text: z.string() });

export const duplicatesSchema = z.strictObject({
  trainRows: z.int(),
  heldOutRows: z.int(),
  /** Rows of the training file that hold what an earlier one holds. */
  repeatedRows: z.int(),
  repeated: z.array(z.strictObject({ lines: z.array(z.int()), count: z.int(), text: z.string() })),
  /** Held-out rows that a training row holds too. */
  sharedRows: z.int(),
  /** Held-out rows that a training row nearly holds, of those that were looked at. */
  nearRows: z.int(),
  nearLookedAt: z.int(),
  /** Stretches of so many words are compared, and so large a share of those in either row has to be in both. */
  near: z.strictObject({ words: z.int(), threshold: z.number() }),
  /** The first of both. */
  pairs: z.array(
    z.strictObject({ heldOut: shownRowSchema, train: shownRowSchema, similarity: z.number().nullable() }),
  ),
});

export const surveyAnswerSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('lengths'), lengths: lengthsSchema }),
  z.strictObject({ kind: z.literal('duplicates'), duplicates: duplicatesSchema }),
]);

export type SurveyQuestion = z.output<typeof surveyQuestionSchema>;
export type SurveyAnswer = z.output<typeof surveyAnswerSchema>;
export type Lengths = z.output<typeof lengthsSchema>;
export type Duplicates = z.output<typeof duplicatesSchema>;
