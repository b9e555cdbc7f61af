import { z } from 'zod';
import { sourcePath, targetPath } from '../shared/absolute-path.ts';

/** What was saved or restored. Pure, as it runs in a browser too. */
export const backupSchema = z.strictObject({
  path: z.string(),
  createdAt: z.string(),
  /** Null where it is of everything. */
  experiment: z.strictObject({ id: z.string(), name: z.string() }).nullable(),
  files: z.int(),
  bytes: z.number(),
});

export const createParameters = z.strictObject({
  /** A file that is not there yet. */
  targetPath,
  /** Id or name; everything where absent. */
  experimentId: z.string().min(1).optional(),
});

export const restoreParameters = z.strictObject({ sourcePath });

export const backupProgressSchema = z.strictObject({
  phase: z.enum(['reading', 'writing', 'verifying']),
  /** Bytes. */
  done: z.number(),
  total: z.number(),
});

export type Backup = z.output<typeof backupSchema>;
