import { z } from 'zod';

const id = z.string().min(1);

export const mlflowOptions = {
  /** MLFLOW_TRACKING_URI of the workbench's environment where absent. */
  uri: z.string().min(1).optional(),
  /** In MLflow; MLFLOW_EXPERIMENT_NAME, or else the name that it has here, where absent. */
  experiment: z.string().trim().min(1).optional(),
};

export const sentToMlflowSchema = z.strictObject({
  address: z.string(),
  experiment: z.strictObject({ id: z.string(), name: z.string() }),
  runs: z.array(
    z.strictObject({
      runId: id,
      name: z.string(),
      mlflowRunId: z.string(),
      /** Made there, completed, the same as before, or made again as it was trained anew. */
      outcome: z.enum(['created', 'updated', 'unchanged', 'replaced']),
      /** Values of metrics, and files, that were sent now. */
      metrics: z.int(),
      files: z.int(),
      /** What the server could not take; null where it took everything. */
      notice: z.string().nullable(),
    }),
  ),
});

export const writtenForTensorBoardSchema = z.strictObject({
  destination: z.string(),
  runs: z.array(z.strictObject({ runId: id, name: z.string(), file: z.string(), values: z.int() })),
});

/** What a tracker is told of: one run, or all runs of an experiment that have begun. */
export type TrackedSubject = { readonly runId: string } | { readonly experimentId: string };
export type SentToMlflow = z.output<typeof sentToMlflowSchema>;
export type WrittenForTensorBoard = z.output<typeof writtenForTensorBoardSchema>;
