import { z } from 'zod';
import { answeredRowSchema } from './generate-schema.ts';

/** What a run wrote to one of its prompts. */
export const sampleSchema = z.strictObject({
  /** Of the prompt among the run's, from 0. */
  position: z.int().min(0),
  prompt: z.string(),
  /** What the held-out row has there; null for a prompt that a person gave. */
  expected: z.string().nullable(),
  text: z.string(),
  finish: answeredRowSchema.shape.finish,
  tokens: z.int(),
});

/** Written with the adapter as it was after so many optimizer steps. */
export const samplesEventSchema = z.strictObject({
  type: z.literal('samples'),
  step: z.int(),
  samples: z.array(sampleSchema),
});

export type Sample = z.output<typeof sampleSchema>;
