import { z } from 'zod';

const pattern = z.record(z.string(), z.number().positive()).default({});

/**
 * Which layers an adapter sits on, by PEFT's rules: module names (the whole path, or its end), "all-linear", or a regular
 * expression of the whole path.
 */
export const targetingFields = {
  targetModules: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]).default('all-linear'),
  /** Names, or a regular expression, of modules to leave out. */
  excludeModules: z.union([z.string().min(1), z.array(z.string().min(1))]).default([]),
  /** Numbers of layers, from 0; null takes all. */
  layersToTransform: z.array(z.int().min(0)).nullable().default(null),
  /** Modules that are trained whole beside the adapter (a classification head), by name. */
  modulesToSave: z.array(z.string().min(1)).default([]),
};

/** Ranks and alphas of modules that differ. */
export const patternFields = {
  rankPattern: z.record(z.string(), z.int().positive()).default({}),
  alphaPattern: pattern,
};

export const rankField = z.int().min(1).max(65536);
export const alphaField = z.number().positive();
/** Share of the adapter's inputs that training sets to zero. */
export const dropoutField = z.number().min(0).lt(1).default(0);

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
