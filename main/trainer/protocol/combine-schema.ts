import { z } from 'zod';
import { adapterSettingsSchema } from '../../engine/adapters/settings/adapter-settings.ts';
import { modelFileSchema } from '../../engine/formats/model-file-schema.ts';
import { certifiedOnSchema } from './certificate-schema.ts';

/** How an adapter is weighed among others. Beyond these bounds nothing of the base is left. */
export const partWeightSchema = z
  .number()
  .min(-100)
  .max(100)
  .refine((weight) => weight !== 0, { error: 'a weight of 0 leaves the adapter out: leave it out' });

/** @param heldOut the run specification's schema, which this file can't name without a circle */
export const combineSpecificationOf = <HeldOut extends z.ZodType>(heldOut: HeldOut) =>
  z.strictObject({
    modelDirectory: z.string(),
    /** As of a run. */
    modelFiles: z.array(modelFileSchema),
    parts: z
      .array(
        z.strictObject({
          name: z.string(),
          weight: partWeightSchema,
          adapterDirectory: z.string(),
          /** As of an export. */
          heldOut,
        }),
      )
      .min(1),
    /** Where the sum is written as an adapter; null where it is only to be looked at. */
    destination: z.string().nullable(),
    threads: z.int().nullable(),
  });

/** What the sum is, and what it does. */
export const combinedSummarySchema = z.strictObject({
  settings: adapterSettingsSchema,
  /** Numbers that the sum is kept as. */
  parameters: z.int(),
  /** ||delta W||_F and ||W||_F, layer by layer. */
  layers: z.array(z.strictObject({ module: z.string(), change: z.number(), weight: z.number() })),
  /** Losses on rows that were held out from the parts' runs, each set of rows once; none where the model has no loss on what is there. */
  losses: z.array(
    z.strictObject({
      /** The parts, by their places, whose held-out rows these are. */
      of: z.array(z.int()),
      on: certifiedOnSchema,
      base: z.number(),
      /** Each part alone, as it is. */
      parts: z.array(z.number()),
      combined: z.number(),
    }),
  ),
});
export type CombinedSummary = z.output<typeof combinedSummarySchema>;
