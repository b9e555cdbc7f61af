import { z } from 'zod';

/**
 * Which layers an adapter sits on, by PEFT's rules: module names (the whole path, or its end), "all-linear", or a regular
 * expression of the whole path.
 */
export const targetingFields = {
  targetModules: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]).default('all-linear'),
  /** Names, or a regular expression, of modules to leave out. */
  excludeModules: z.union([z.string().min(1), z.array(z.string().min(1))]).default([]),
  /** Numbers of layers, from 0; null takes all, and so does an empty list, as in PEFT. */
  layersToTransform: z.array(z.int().min(0)).nullable().default(null),
  /** Modules that are trained whole beside the adapter (a classification head), by name. */
  modulesToSave: z.array(z.string().min(1)).default([]),
};

/** Ranks and alphas of modules that differ. */
export const patternFields = {
  rankPattern: z.record(z.string(), z.int().positive()).default({}),
  alphaPattern: z.record(z.string(), z.number()).default({}),
};

export const rankField = z.int().min(1).max(65536);
/** Above zero where it is chosen: see `new-settings.ts`. */
export const alphaField = z.number();
/** Share of the adapter's inputs that training sets to zero; an adapter that comes trained may say what none can be. */
export const dropoutField = z.number().default(0);

/** What activation statistics are taken from. */
export const calibrationFields = {
  /** Batches of training data. */
  calibrationBatches: z.int().min(1).max(4096).default(8),
  /** Whether each row's first token counts: activations there can be so large that they outweigh all others. */
  firstTokenCounts: z.boolean().default(true),
};

export const loraFields = {
  rank: rankField.default(16),
  alpha: alphaField.default(32),
  ...patternFields,
  dropout: dropoutField,
  ...targetingFields,
};

/** What choosing layers needs of an adapter's settings. */
export type Targeting = z.output<ReturnType<typeof z.strictObject<typeof targetingFields>>>;
