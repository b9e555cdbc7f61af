import { z } from 'zod';
import { deviceReportSchema } from '../shared/entities.ts';

/** What a person's machine has, as far as that is known without trying or measuring anything. */
export const machineSchema = z.strictObject({
  /** As its maker names it; null where the system does not tell. */
  processor: z.string().nullable(),
  /** What runs at the same time, as the system counts it. */
  threads: z.int(),
  memory: z.strictObject({ totalBytes: z.number(), availableBytes: z.number() }),
  disk: z.strictObject({
    /** The data directory. */
    directory: z.string(),
    /** Left on its disk for this person. */
    freeBytes: z.number(),
  }),
  /** What a person is told where the data directory can only be read; else null. */
  viewing: z.string().nullable(),
  /** Those that were tried in this session, or can't be of this machine; a name that is missing was not tried. */
  devices: z.array(deviceReportSchema),
});

export type Machine = z.output<typeof machineSchema>;
