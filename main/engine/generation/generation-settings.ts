import { z } from 'zod';

/**
 * How the next token is chosen, as transformers and the OpenAI API name and define it. Each setting's default switches it off, so that nothing
 * set means the likeliest token each time.
 */
export const generationSettingsSchema = z.strictObject({
  /** Logits are divided by it before a token is drawn; 0 takes the likeliest token instead (greedy). */
  temperature: z.number().min(0).max(10).default(0),
  /** Only so many of the likeliest tokens; null for all. */
  topK: z.int().min(1).nullable().default(null),
  /** Only the likeliest tokens that together have this probability; null or 1 for all. */
  topP: z.number().positive().max(1).nullable().default(null),
  /** Only tokens at least this many times as likely as the likeliest; null or 0 for all. */
  minP: z.number().min(0).lt(1).nullable().default(null),
  /** Logits of tokens that the prompt or the answer has are divided by it, or multiplied where negative (CTRL, arXiv 1909.05858); 1 for none. */
  repetitionPenalty: z.number().positive().max(100).default(1),
  /** Taken from a token's logit once for each time that the answer has it. */
  frequencyPenalty: z.number().min(-10).max(10).default(0),
  /** Taken from a token's logit once if the answer has it. */
  presencePenalty: z.number().min(-10).max(10).default(0),
  /** The same seed and row draw the same numbers, whatever else is generated beside it. */
  seed: z.int().min(0).max(4_294_967_295).default(0),
  /** New tokens at most. */
  maximumTokens: z.int().min(1).max(1_048_576).default(128),
  /** Texts at which an answer ends, without them. */
  stop: z.array(z.string().min(1)).max(64).default([]),
});

export type GenerationSettings = z.output<typeof generationSettingsSchema>;

export const defaultGenerationSettings: GenerationSettings = generationSettingsSchema.parse({});
