import { z } from 'zod';

/** One thing that happened in the workbench itself. Pure. */
export const logLineSchema = z.strictObject({
  /** ISO 8601, UTC. */
  at: z.string(),
  level: z.enum(['info', 'warning', 'error']),
  text: z.string(),
});

export const logSchema = z.strictObject({
  /** Where the newest of its files lies. */
  file: z.string(),
  /** From the oldest to the newest, of those that are kept. */
  lines: z.array(logLineSchema),
});

export type LogLine = z.output<typeof logLineSchema>;
export type Log = z.output<typeof logSchema>;
