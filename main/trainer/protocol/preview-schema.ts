import { z } from 'zod';

/** The first rows of data as a model would see them. Pure: it runs in a browser too. */
export const previewSchema = z.strictObject({
  report: z.strictObject({
    rows: z.int(),
    kept: z.int(),
    truncated: z.int(),
    withoutTargets: z.int(),
    tokens: z.int(),
    targetTokens: z.int(),
  }),
  examples: z.array(
    z.strictObject({
      tokens: z.array(z.strictObject({ id: z.int(), text: z.string(), target: z.boolean() })),
      /** The class of the row, by name; null where tokens are what is predicted. */
      label: z.string().nullable(),
      /** What the chat template makes of a conversation, whole; null for other rows. */
      rendered: z.string().nullable(),
    }),
  ),
  /** How many of the rows each class has, in the order of the model's logits; null where tokens are what is predicted. */
  classes: z.array(z.strictObject({ name: z.string(), rows: z.int() })).nullable(),
  /** What a person should know of rows that are trained on all the same. */
  notices: z.array(z.string()),
  /** Set when a run on this data would be refused, and why. */
  problem: z.string().nullable(),
});

export type Preview = z.output<typeof previewSchema>;
