import { z } from 'zod';
import { deviceNames } from '../../engine/runtime/device-names.ts';
import { adapterSettingsSchema } from '../../engine/adapters/settings/adapter-settings.ts';
import { memoryModes } from '../../engine/autodiff/memory-mode.ts';
import { baseFormats } from '../../engine/base/base-format.ts';
import { accountSchema, machineLimitsSchema } from './profile-schema.ts';

/** How the frozen base weights are held, what is traded for memory, and where the step runs. */
export const engineChoices = {
  base: baseFormats,
  memory: memoryModes,
  device: deviceNames,
} as const;

/** One measurement: an adapter trained for a few steps on a model, on random tokens. Paths are absolute. */
export const benchSpecificationSchema = z.strictObject({
  modelDirectory: z.string(),
  /** A folder to write adapters into. */
  scratchDirectory: z.string(),
  adapter: adapterSettingsSchema,
  /** More arms, trained in turn on the same base and batch; of the same delta rank. */
  beside: z.array(adapterSettingsSchema).default([]),
  batchSize: z.int().min(1).max(4096),
  sequenceLength: z.int().min(2).max(1_048_576),
  /** Tokens of each row that carry loss, its last ones; null: all of them. */
  labels: z.int().min(1).nullable(),
  /** The first of them is reported apart. */
  steps: z.int().min(2).max(10_000),
  /** null takes one per physical core. */
  threads: z.int().min(1).max(1024).nullable(),
  seed: z.int(),
  base: z.enum(engineChoices.base),
  memory: z.enum(engineChoices.memory),
  device: z.enum(engineChoices.device),
  /** Whether steps are run once more under ONNX Runtime's profile. */
  profile: z.boolean().default(false),
});

export const benchSummarySchema = z.strictObject({
  totalParameters: z.int(),
  trainedParameters: z.int(),
  /** Opening and checking the model and compiling the training graph. */
  loadSeconds: z.number(),
  /** Calibration and decomposition, or drawing random factors. */
  initialisationSeconds: z.number(),
  /** Of each step, in order. */
  stepSeconds: z.array(z.number()),
  firstStepSeconds: z.number(),
  /** Of all arms together, over the steps after the first, as the minimum and the tokens per second (at the median). */
  medianStepSeconds: z.number(),
  minimumStepSeconds: z.number(),
  tokensPerSecond: z.number(),
  /** Highest resident memory of the trainer process after its last step, and before the training graph was compiled. */
  peakMemoryBytes: z.number(),
  peakMemoryBeforeTrainingBytes: z.number(),
  /** Operations in the matrix products of a step. */
  flopsPerStep: z.number(),
  /** Per second, at the median step. */
  stepFlopRate: z.number(),
  /** Per second: this machine's largest fp32 product, measured in the same process after the last step. */
  gemmPeakFlopRate: z.number(),
  firstLoss: z.number(),
  lastLoss: z.number(),
  /** What a step is spent on; null where nobody asked. Watching takes time of its own, so its steps are not those of the times above. */
  profile: z.strictObject({ account: accountSchema, limits: machineLimitsSchema }).nullable(),
});

export type BenchSpecification = z.output<typeof benchSpecificationSchema>;
export type BenchSummary = z.output<typeof benchSummarySchema>;
