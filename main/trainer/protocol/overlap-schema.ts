import { z } from 'zod';

/** A training row whose tokens are those of a held-out row. Rows are counted from 0 in their files. */
export const sharedRowSchema = z.strictObject({ trainRow: z.int(), heldOutRow: z.int() });

/** What the two parts of a comparison's data have in common. */
export const dataOverlapSchema = z.strictObject({
  trainRows: z.int(),
  heldOutRows: z.int(),
  /** All training rows that are held out too, letter by letter; over all splits where seeds split differently. */
  training: z.array(sharedRowSchema),
  /** Of each run that is calibrated: how many rows its calibration takes, and which of them are held out too. */
  calibrations: z.array(
    z.strictObject({ arm: z.string(), seed: z.int(), rows: z.int(), shared: z.array(sharedRowSchema) }),
  ),
});

export type SharedRow = z.output<typeof sharedRowSchema>;
export type DataOverlap = z.output<typeof dataOverlapSchema>;
