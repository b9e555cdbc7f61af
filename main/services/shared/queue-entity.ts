import { z } from 'zod';
import { runSchema } from './entities.ts';

const id = z.string().min(1);
const { status, step, steps, progress } = runSchema.shape;

/** A run that is in the queue, or that it has started. */
const queuedRunSchema = z.strictObject({
  runId: id,
  name: z.string(),
  experimentId: id,
  experimentName: z.string(),
  comparisonId: id.nullable(),
  status,
  step,
  steps,
  progress,
});

/** What the queue does, and what it has been asked to. */
export const queueSchema = z.strictObject({
  /** Since when it starts nothing more; null while it goes on. */
  pausedAt: z.iso.datetime().nullable(),
  /** Paused together with what ran then. */
  andRunning: z.boolean(),
  running: z.array(queuedRunSchema),
  /** What else takes a place beside the runs. */
  jobs: z.array(
    z.strictObject({ comparisonId: id, name: z.string(), status: z.enum(['scoring', 'diagnosing']) }),
  ),
  /** How many runs wait. */
  waiting: z.int(),
  /** The first of those that wait. */
  next: z.array(queuedRunSchema),
});

export type Queue = z.output<typeof queueSchema>;
export type QueuedRun = z.output<typeof queuedRunSchema>;
