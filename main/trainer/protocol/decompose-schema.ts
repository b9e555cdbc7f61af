import { z } from 'zod';
import { modelFileSchema } from '../../engine/formats/model-file-schema.ts';

/** Weights of a model whose singular values are wanted, by the modules of their linear layers, in the order of wanting. */
export const decomposeSpecificationSchema = z.strictObject({
  modelDirectory: z.string(),
  /** As of a run. */
  modelFiles: z.array(modelFileSchema),
  modules: z.array(z.string()).min(1),
});

/** A weight is done. */
export const decomposedWeightSchema = z.strictObject({
  type: z.literal('decomposed-weight'),
  module: z.string(),
  /** Largest first, each of them. */
  singularValues: z.array(z.number()),
});

/** Every weight is. */
export const decomposedSchema = z.strictObject({ type: z.literal('decomposed'), seconds: z.number() });

export type DecomposeSpecification = z.output<typeof decomposeSpecificationSchema>;
