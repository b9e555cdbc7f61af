import { z } from 'zod';

const id = z.string().min(1);

export const removalRequestSchema = z
  .strictObject({
    experimentIds: z.array(id).max(1000).default([]),
    runIds: z.array(id).max(10_000).default([]),
  })
  .refine(({ experimentIds, runIds }) => experimentIds.length + runIds.length > 0, {
    message: 'names neither an experiment nor a run',
  });

/** Something that is out of every list, and can be brought back for a while. */
export const removalSchema = z.strictObject({
  id,
  /** When its files go. */
  until: z.iso.datetime(),
  experiments: z.int(),
  runs: z.int(),
});
export type Removal = z.output<typeof removalSchema>;
