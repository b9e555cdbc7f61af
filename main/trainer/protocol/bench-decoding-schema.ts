import { z } from 'zod';
import { baseFormats } from '../../engine/base/base-format.ts';
import { accountSchema, machineLimitsSchema } from './profile-schema.ts';

/** One measurement: a prompt of random tokens, answered by the base alone, one token after the other. Paths are absolute. */
export const benchDecodingSpecificationSchema = z.strictObject({
  modelDirectory: z.string(),
  /** A folder for weights in another form than the model's files. */
  scratchDirectory: z.string(),
  promptTokens: z.int().min(1).max(1_048_576),
  /** Of the answer; the first comes with the prompt. */
  tokens: z.int().min(3).max(100_000),
  /** null takes one per physical core. */
  threads: z.int().min(1).max(1024).nullable(),
  seed: z.int(),
  base: z.enum(baseFormats),
  /** Whether the answer is given once more under ONNX Runtime's profile. */
  profile: z.boolean(),
});

export const benchDecodingSummarySchema = z.strictObject({
  totalParameters: z.int(),
  /** Opening the model, making its weights where they are not the files', compiling. */
  loadSeconds: z.number(),
  /** To the first token. */
  promptSeconds: z.number(),
  /** Of each token after the first, in order. */
  tokenSeconds: z.array(z.number()),
  medianTokenSeconds: z.number(),
  minimumTokenSeconds: z.number(),
  /** Highest resident memory of the trainer process after the answer. */
  peakMemoryBytes: z.number(),
  /** What a token, and the prompt, are spent on; null where nobody asked. */
  profile: z
    .strictObject({ token: accountSchema, prompt: accountSchema, limits: machineLimitsSchema })
    .nullable(),
});

export type BenchDecodingSpecification = z.output<typeof benchDecodingSpecificationSchema>;
export type BenchDecodingSummary = z.output<typeof benchDecodingSummarySchema>;
