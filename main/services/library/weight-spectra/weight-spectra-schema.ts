import { z } from 'zod';
import { layerRoles } from '../../../engine/models/architecture.ts';

const shares = z.array(z.number());

/** Linear layers of one name and size, and what is known of their weights together. */
export const siteKindSchema = z.strictObject({
  /** `q_proj 576x576` */
  kind: z.string(),
  name: z.string(),
  outFeatures: z.int(),
  inFeatures: z.int(),
  role: z.enum(layerRoles),
  /** Its layers, and those of them that are decomposed. */
  count: z.int(),
  done: z.int(),
  /** Over the layers that are done: sigma_i / sigma_1 at `curvePlaces`; null where none is. */
  curve: z.strictObject({ lowest: shares, median: shares, highest: shares }).nullable(),
  /** The mean share of ||W||_F^2 that each of `energyRanks` holds; null likewise. */
  energy: shares.nullable(),
});

/** How far a model's weights are decomposed. */
export const weightSpectraSchema = z.strictObject({
  modelId: z.string().min(1),
  /** Weights that this session was asked for and of those the ones that are done; null while nothing is under way. */
  progress: z.strictObject({ done: z.int(), total: z.int() }).nullable(),
  /** Why the last work ended before its end; null where it did not. */
  error: z.string().nullable(),
  kinds: z.array(siteKindSchema),
});

/** One layer's weight. */
export const siteSpectrumSchema = z.strictObject({
  module: z.string(),
  /** Null until it is decomposed. */
  spectrum: z
    .strictObject({
      largest: z.number(),
      frobenius: z.number(),
      effectiveRank: z.number(),
      energy: shares,
      curve: shares,
    })
    .nullable(),
});

export type SiteKind = z.output<typeof siteKindSchema>;
export type SiteSpectrum = z.output<typeof siteSpectrumSchema>;
export type WeightSpectra = z.output<typeof weightSpectraSchema>;
