import { z } from 'zod';
import { adapterSettingsSchema } from '../../engine/adapters/settings/adapter-settings.ts';
import { memoryModes } from '../../engine/autodiff/memory-mode.ts';
import { baseFormats } from '../../engine/base/base-format.ts';
import { trainingSettingsSchema } from '../../engine/train/settings/training-settings.ts';

/** Runs whose memory is to be estimated: adapters on one model, under the same training settings. */
export const memoryQuestionSchema = z.strictObject({
  modelDirectory: z.string(),
  adapters: z.array(adapterSettingsSchema).min(1),
  training: trainingSettingsSchema,
  /** Of data that are pictures; absent for texts. */
  classes: z.exactOptional(z.array(z.string())),
  /** Of data that are pictures with captions: some of the longest. */
  captions: z.exactOptional(z.array(z.string())),
  /** Bytes that a run may take. */
  available: z.number(),
});

/** Bytes of a trainer process at its highest, as the engine's `MemoryEstimate`. */
export const memoryEstimateSchema = z.strictObject({
  weights: z.number(),
  activations: z.number(),
  state: z.number(),
  process: z.number(),
  total: z.number(),
  resident: z.number(),
});

/** Training settings under which every run would fit, and what the largest would take then. */
export const memorySuggestionSchema = z.strictObject({
  settings: z.strictObject({
    memory: z.enum(memoryModes),
    batchSize: z.int(),
    gradientAccumulation: z.int(),
    sequenceLength: z.int(),
    baseFormat: z.enum(baseFormats),
  }),
  total: z.number(),
});

export const memoryAnswerSchema = z.strictObject({
  /** One for each adapter. */
  estimates: z.array(memoryEstimateSchema),
  /** Null where every run fits as it is, and where no settings were found. */
  suggestion: memorySuggestionSchema.nullable(),
});

export type MemoryQuestion = z.output<typeof memoryQuestionSchema>;
export type MemoryAnswer = z.output<typeof memoryAnswerSchema>;
export type MemorySuggestion = z.output<typeof memorySuggestionSchema>;
export type MemoryEstimate = z.output<typeof memoryEstimateSchema>;
