import { z } from 'zod';
import { sourcePath, targetPath } from '../shared/absolute-path.ts';

/** A file that was saved although it is not what was once written; pure, as it runs in a browser too. */
export const damagedSchema = z.strictObject({
  /** As in the backup: below the data directory, with `/`. */
  name: z.string(),
  /** One line. */
  problem: z.string(),
});

/** What was saved or restored. */
export const backupSchema = z.strictObject({
  path: z.string(),
  createdAt: z.string(),
  /** Null where it is of everything. */
  experiment: z.strictObject({ id: z.string(), name: z.string() }).nullable(),
  files: z.int(),
  bytes: z.number(),
  /** Damaged when it was saved: it comes back as it was. */
  damaged: z.array(damagedSchema),
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
export type BackupProgress = z.output<typeof backupProgressSchema>;
export type Damaged = z.output<typeof damagedSchema>;
