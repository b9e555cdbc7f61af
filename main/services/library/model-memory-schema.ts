import { z } from 'zod';
import { baseFormats } from '../../engine/base/base-format.ts';
import { deviceNames } from '../../engine/runtime/device-names.ts';

/** What one use of a model takes; null with the reason where that can't be estimated. */
const needSchema = z.strictObject({
  bytes: z.number().nullable(),
  problem: z.string().nullable(),
});

/** What a model takes in memory, use by use, and what there is, device by device. */
export const modelMemorySchema = z.strictObject({
  /** How the estimated runs train. */
  batchSize: z.int(),
  sequenceLength: z.int(),
  /** Of a model that draws: pixels a side of the pictures; null for others. */
  drawnSide: z.number().nullable(),
  /** By the adapter's name: `LoRA r16`. */
  training: z.array(needSchema.extend({ adapter: z.string() })),
  /** Asking it, with the base in each format; none for models that write no text. */
  asking: z.array(z.strictObject({ baseFormat: z.enum(baseFormats), bytes: z.number() })),
  devices: z.array(
    z.strictObject({
      name: z.enum(deviceNames),
      label: z.string(),
      usable: z.boolean(),
      detail: z.string(),
      /** Bytes that a new process can have there now; null where no one tells. */
      available: z.number().nullable(),
    }),
  ),
});
export type ModelMemory = z.output<typeof modelMemorySchema>;
