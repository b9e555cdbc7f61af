import { z } from 'zod';
import { shownPictureSchema } from '../../trainer/protocol/pictures-schema.ts';
import { sourcePath } from '../shared/absolute-path.ts';
import { voteChoices } from '../shared/generation-entities.ts';

/** What the window says of pictures that are judged blind, and hears. Pure, as entities.ts. */

const id = z.string().min(1);
const name = z.string().trim().min(1).max(100);
const both = <Schema extends z.ZodType>(schema: Schema) => z.tuple([schema, schema]).readonly();

export const blindRequestSchema = z.strictObject({
  /** By the arms where absent. */
  name: name.optional(),
  /** Two folders of drawn pictures. */
  arms: both(z.strictObject({ name, folder: sourcePath })),
});

/** Pictures that two arms of a comparison drew. */
export const blindOfComparisonSchema = z.strictObject({
  name: name.optional(),
  /** Its id or name. */
  comparisonId: id,
  arms: both(z.string().min(1)),
  /** That both were trained from. */
  seed: z.int().min(0),
});

/** Of a test that is open nothing says which arm stood where. */
export const blindTestSchema = z.strictObject({
  id,
  name: z.string(),
  /** Their names, in an order that says nothing of sides. */
  arms: both(z.string()),
  pairs: z.int(),
  /** Pictures of either arm that have no partner of the same prompt and seed. */
  leftOut: z.int(),
  /** Whether pairs are of one prompt and seed; else of one file name. */
  isOfOneNoise: z.boolean(),
  /** What was said of each pair, in the order in which they are shown; null where nothing yet. */
  choices: z.array(z.enum(voteChoices).nullable()),
  createdAt: z.string(),
  /** Null while it is open: until every pair is judged and it is ended. */
  endedAt: z.string().nullable(),
  /** Once it is ended. */
  result: z
    .strictObject({
      /** Pairs decided for the first and the second arm. */
      wins: both(z.int()),
      ties: z.int(),
      bothBad: z.int(),
      /** Of an exact sign test, two-sided, over the pairs decided for one of the two; null where there are none. */
      p: z.number().nullable(),
      /** In words. */
      verdict: z.string(),
      /** Of each pair which arm stood left. */
      left: z.array(z.union([z.literal(0), z.literal(1)])),
    })
    .nullable(),
});

/** Two pictures, and nothing of whose they are. */
export const blindPairSchema = z.strictObject({
  pair: z.int(),
  /** What was asked; null where nothing says. */
  prompt: z.string().nullable(),
  seed: z.int().nullable(),
  left: shownPictureSchema,
  right: shownPictureSchema,
});

export const blindPairRequestSchema = z.strictObject({ id, pair: z.int().min(0) });

export const blindVoteSchema = z.strictObject({ id, pair: z.int().min(0), choice: z.enum(voteChoices) });

export type BlindRequest = z.output<typeof blindRequestSchema>;
export type BlindTest = z.output<typeof blindTestSchema>;
export type BlindPair = z.output<typeof blindPairSchema>;
