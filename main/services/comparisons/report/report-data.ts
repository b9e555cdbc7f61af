import { z } from 'zod';
import { comparisonDiagnosisSchema } from '../diagnostics/comparison-diagnosis.ts';
import { comparisonAnswerSchema } from '../answer/comparison-answer.ts';

/**
 * Everything that a report prints. Plain data: the writers of each format are pure functions of it and compute nothing. Pure: it runs in a
 * browser too.
 */

const fact = z.strictObject({ label: z.string(), value: z.string() });

export const reportDataSchema = z.strictObject({
  version: z.literal(1),
  /** The comparison's id and name. */
  id: z.string(),
  name: z.string(),
  /** ISO 8601 in UTC. */
  createdAt: z.string(),
  /** The comparison as it was defined: every setting, as plain JSON. */
  definition: z.json(),
  /** Of each arm: every setting, the protocol's and its own, as plain JSON. */
  arms: z.array(z.strictObject({ name: z.string(), method: z.string(), settings: z.json() })),
  answer: comparisonAnswerSchema,
  /** Null where nobody looked into the adapters. */
  diagnosis: comparisonDiagnosisSchema.nullable(),
  /** What differs between arms besides the method, and was accepted by name. */
  confounds: z.array(z.strictObject({ name: z.string(), sentence: z.string(), accepted: z.boolean() })),
  provenance: z.strictObject({
    /** Versions of the workbench, the runtime and the engine; device, threads, operating system. */
    facts: z.array(fact),
    /** Model, data and adapter files by their SHA-256. */
    files: z.array(z.strictObject({ name: z.string(), role: z.string(), sha256: z.string() })),
    runs: z.array(
      z.strictObject({
        runId: z.string(),
        arm: z.string(),
        seed: z.int(),
        shots: z.int().nullable(),
        status: z.string(),
        notices: z.array(z.string()),
      }),
    ),
    /** The file that repeats the comparison: `nora comparison run FILE`. */
    repeat: z.strictObject({ fileName: z.string(), text: z.string() }),
  }),
});

export const reportFormats = ['html', 'markdown', 'latex', 'csv', 'json'] as const;

export type ReportFormat = (typeof reportFormats)[number];
export type ReportData = z.output<typeof reportDataSchema>;
