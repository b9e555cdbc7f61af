import { z } from 'zod';
import { adapterSettingsSchema } from '../../engine/adapters/settings/adapter-settings.ts';
import { exportKinds } from './export-kinds.ts';

/** A file by its name in its folder (no paths: the certificate is published with the weights) and its content. */
const fileSchema = z.strictObject({ name: z.string(), bytes: z.number(), sha256: z.string() });

/** What an export is measured on. */
export const certifiedOnSchema = z.strictObject({
  /**
   * Rows, or pictures with their texts, that the run held out of its training; where there are none sentences that come with the workbench, or noise in the
   * place of pictures, or noise that a model that draws is asked to predict.
   */
  data: z.enum(['held-out', 'held-out-pictures', 'sample-prompts', 'noise', 'noise-to-predict']),
  /** The data's file, or what stands for the whole set of pictures; null for sample prompts and noise. */
  file: fileSchema.nullable(),
  /** Rows or pictures as the model got them, their tokens (and patches), and how many of those (or of the rows, for a classifier) were scored. */
  rows: z.int(),
  tokens: z.int(),
  scored: z.int(),
  /** Why it is the sample prompts or noise; null for what was held out. */
  reason: z.string().nullable(),
});

/** One metric of base + adapter as they were trained, and of what was written. */
export const certifiedMetricSchema = z.strictObject({
  /** `loss`, `accuracy`: as an evaluation on held-out data names it. */
  name: z.string(),
  /** Base and adapter, not merged. */
  before: z.number(),
  /** The exported files, loaded again. */
  after: z.number(),
});

/**
 * How far exported weights are from what was trained, by measurement, and which files that was: written as merge-certificate.json beside
 * the weights.
 */
export const mergeCertificateSchema = z.strictObject({
  version: z.literal(1),
  /** Of the export in the workbench that wrote it; absent where it was written before that was kept. */
  exportId: z.exactOptional(z.string()),
  kind: z.enum(exportKinds),
  createdAt: z.string(),
  versions: z.strictObject({ workbench: z.string().nullable(), node: z.string(), onnxruntime: z.string() }),
  /**
   * |difference| of logits over the sample prompts, of models of pictures over what the metrics are measured on, and the largest |logit| to read it
   * against.
   */
  logits: z.strictObject({
    largestDifference: z.number(),
    meanDifference: z.number(),
    /** Before rounding to the base's dtype: what the mathematics alone costs. */
    largestDifferenceUnrounded: z.number(),
    largest: z.number(),
    tokens: z.int(),
  }),
  metrics: z.strictObject({ on: certifiedOnSchema, values: z.array(certifiedMetricSchema) }),
  base: z.strictObject({ name: z.string(), files: z.array(fileSchema) }),
  adapter: z.strictObject({ settings: adapterSettingsSchema, files: z.array(fileSchema) }),
  /** All but the certificate itself. */
  exported: z.strictObject({ files: z.array(fileSchema) }),
  /** What a person should know of the files; absent where there is nothing. */
  notices: z.exactOptional(z.array(z.string())),
});

export type MergeCertificate = z.output<typeof mergeCertificateSchema>;
export type CertifiedOn = z.output<typeof certifiedOnSchema>;
export type CertifiedMetric = z.output<typeof certifiedMetricSchema>;
export type CertifiedFile = z.output<typeof fileSchema>;
