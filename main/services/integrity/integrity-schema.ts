import { z } from 'zod';

/** Something that is not as it was written. Pure, as it runs in a browser too. */
const findingSchema = z.strictObject({
  id: z.string(),
  /** Whose it is, in words: `the model "tiny"`. */
  subject: z.string(),
  /** The file or folder, one line of what is wrong with it. */
  problem: z.string(),
  /** What repairing it would do; null where the workbench can do nothing. */
  repair: z.string().nullable(),
  /** What a person can do. */
  advice: z.string().nullable(),
  /** Nothing is lost by it: something lies about, or was moved by a person. */
  isHarmless: z.boolean(),
});

export const integritySchema = z.strictObject({
  /** `none`: nothing was checked since the workbench opened. */
  status: z.enum(['none', 'checking', 'repairing', 'checked', 'stopped', 'failed']),
  /** What is looked at; bytes, of a total that is 0 while it is not known. */
  progress: z.strictObject({ subject: z.string(), done: z.number(), total: z.number() }).nullable(),
  /** What was read and compared so far. */
  files: z.int(),
  bytes: z.number(),
  findings: z.array(findingSchema),
  startedAt: z.string().nullable(),
  endedAt: z.string().nullable(),
  /** Why it failed, or a repair did. */
  error: z.string().nullable(),
});

export const repairParameters = z.strictObject({ ids: z.array(z.string().min(1)).min(1).max(10_000) });

export type Finding = z.output<typeof findingSchema>;
export type Integrity = z.output<typeof integritySchema>;
