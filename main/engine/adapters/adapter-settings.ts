import { z } from 'zod';

/** Names of linear layers (`q_proj`, …) as PEFT's `target_modules` takes them, or every linear layer but the output head. */
export const targetModulesSchema = z
  .union([z.literal('all-linear'), z.array(z.string().min(1)).min(1)])
  .default('all-linear');

const rank = z.int().min(1).max(65536);

/** LoRA: y = W x + (alpha / rank) B A x, both factors trained. */
export const loraSettingsSchema = z.strictObject({
  method: z.literal('lora'),
  rank: rank.default(16),
  alpha: z.number().positive().default(32),
  targetModules: targetModulesSchema,
});

export const decompositionSchema = z.enum(['exact', 'randomized']);
export type Decomposition = z.output<typeof decompositionSchema>;

/** NoRA: y = W x + (alpha / innerRank) B B' A' A x, the outer factors from AwSVD and frozen, the inner ones trained. */
export const noraSettingsSchema = z.strictObject({
  method: z.literal('nora'),
  outerRank: rank.default(128),
  innerRank: rank.default(16),
  alpha: z.number().positive().default(32),
  /** Exponent p of the activation scale mean(|x|)^p. */
  exponent: z.number().min(0).max(1).default(0.5),
  /** Batches of training data that the activation statistics are taken from. */
  calibrationBatches: z.int().min(1).max(4096).default(8),
  /**
   * How W S is decomposed. 'exact' is the paper's, to rounding. 'randomized' is about ten times as fast and its error within
   * 1 % of the exact one's. What was written before there was a choice is exact, so that is the default.
   */
  decomposition: decompositionSchema.default('exact'),
  targetModules: targetModulesSchema,
});

/** One adapter as a person asks for it. Every method is a named point in one design space: see `adapter-description.ts`. */
export const adapterSettingsSchema = z.discriminatedUnion('method', [loraSettingsSchema, noraSettingsSchema]);

export type AdapterSettings = z.output<typeof adapterSettingsSchema>;
export type AdapterMethod = AdapterSettings['method'];
