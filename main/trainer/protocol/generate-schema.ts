import { z } from 'zod';
import { baseFormats } from '../../engine/base/base-format.ts';
import { promptSchema } from '../../engine/data/chat/prompt.ts';
import { dateSchema } from '../../engine/data/chat/template-date.ts';
import { modelFileSchema } from '../../engine/formats/model-file-schema.ts';
import { generationSettingsSchema } from '../../engine/generation/generation-settings.ts';

/** Arms on one base, and rows of one question, at most. */
export const mostArms = 16;
export const mostRows = 256;
export const mostAlternatives = 20;

/** A model with the adapters that write beside each other on one copy of it. Paths are absolute. */
export const generateSpecificationSchema = z.strictObject({
  modelDirectory: z.string(),
  /** As of a run. */
  modelFiles: z.exactOptional(z.array(modelFileSchema)),
  /** Folder of each arm's adapter; null is the base itself. */
  arms: z.array(z.string().nullable()).min(1).max(mostArms),
  baseFormat: z.enum(baseFormats),
  /** As of a run. */
  cacheDirectory: z.string().nullable(),
  threads: z.int().min(1).nullable(),
});

/** Rows to be written at once, each by an arm. */
export const questionSchema = z.strictObject({
  rows: z
    .array(z.strictObject({ arm: z.int().min(0), prompt: promptSchema, settings: generationSettingsSchema }))
    .min(1)
    .max(mostRows),
  /** What chat templates that ask for the date are told. */
  date: dateSchema,
  /** The likeliest tokens that are told beside each that was drawn. */
  alternatives: z.int().min(0).max(mostAlternatives),
  /** Whether tokens are told as they come. */
  stream: z.boolean(),
});

const likelyTokenSchema = z.strictObject({ id: z.int(), text: z.string(), probability: z.number() });

/** A token that was written. */
export const tokenNewsSchema = z.strictObject({
  row: z.int(),
  id: z.int(),
  /** Newly finished text; empty while a character is incomplete. */
  text: z.string(),
  /** Of the full softmax, before any filter. */
  probability: z.number(),
  alternatives: z.array(likelyTokenSchema),
});

/** A prompt as the model gets it. */
export const promptTokensSchema = z.strictObject({
  text: z.string(),
  tokens: z.array(z.strictObject({ id: z.int(), text: z.string() })),
});

export const answeredRowSchema = z.strictObject({
  /** Without a stop string. */
  text: z.string(),
  /** Why it ends: the model's own end, a stop string, the most tokens, or whoever asked. */
  finish: z.enum(['end', 'stop', 'length', 'cancelled']),
  promptTokens: z.int(),
  tokens: z.int(),
});

export type GenerateSpecification = z.output<typeof generateSpecificationSchema>;
export type Question = z.output<typeof questionSchema>;
export type PromptTokens = z.output<typeof promptTokensSchema>;
export type AnsweredRow = z.output<typeof answeredRowSchema>;
export type GeneratedToken = z.output<typeof tokenNewsSchema>;
