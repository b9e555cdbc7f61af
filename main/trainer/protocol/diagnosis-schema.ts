import { z } from 'zod';
import { certifiedOnSchema } from './certificate-schema.ts';

/** Numbers of one matrix's singular values: see engine/diagnostics/spectrum.ts. */
export const spectrumSchema = z.strictObject({
  frobenius: z.number(),
  largest: z.number(),
  stableRank: z.number(),
  effectiveRank: z.number(),
  rank90: z.int(),
});

/** What two subspaces have in common: see engine/diagnostics/subspaces.ts. Angles are radians. */
export const overlapSchema = z.strictObject({
  dimensions: z.tuple([z.int(), z.int()]).readonly(),
  /** Mean squared cosine of the principal angles: 1 where one holds the other. */
  similarity: z.number(),
  /** What drawn subspaces of these dimensions have on average. */
  chance: z.number(),
  largestAngle: z.number(),
  meanAngle: z.number(),
});

/** The learned delta of a layer, what its start took from the base included; without DoRA's lengths, which make no low rank. */
export const deltaSchema = z.strictObject({
  spectrum: spectrumSchema,
  /** ||delta|| / ||W||, Frobenius. */
  relativeNorm: z.number(),
  /** Largest first, those that are more than rounding. */
  singularValues: z.array(z.number()),
});

/** The outer pair as it started: see engine/diagnostics/captured-energy.ts. Shares are between 0 and 1. */
export const outerSchema = z.strictObject({
  weightEnergy: z.number(),
  outputEnergy: z.number(),
  /** ||(W - B A) X|| / ||W X|| on held-out rows, where B A stands for a part of W. */
  outputError: z.number(),
});

export const layerDiagnosisSchema = z.strictObject({
  module: z.string(),
  outFeatures: z.int(),
  inFeatures: z.int(),
  /** Width of the adapter at its narrowest place. */
  rank: z.int(),
  /** Null where nothing was learned. */
  delta: deltaSchema.nullable(),
  /** Null where the outer pair was drawn, and where its start is not known any more. */
  outer: outerSchema.nullable(),
});

/** Means over layers, and the losses around them. */
export const runDiagnosisSchema = z.strictObject({
  runId: z.string(),
  name: z.string(),
  method: z.string(),
  seed: z.int(),
  /** On the same held-out rows: of the base alone, with the adapter before its first step, and after the last. */
  losses: z
    .strictObject({
      /** Null where the base has no head of its own. */
      base: z.number().nullable(),
      /** Null where that is not known any more. */
      start: z.number().nullable(),
      trained: z.number(),
      on: certifiedOnSchema,
    })
    /** Null where there was nothing to measure on. */
    .nullable(),
  /** Before clipping, at the first step; null where the run kept none. */
  firstGradientNorm: z.number().nullable(),
  layers: z.array(layerDiagnosisSchema),
  summary: z.strictObject({
    relativeNorm: z.number().nullable(),
    stableRank: z.number().nullable(),
    effectiveRank: z.number().nullable(),
    weightEnergy: z.number().nullable(),
    outputEnergy: z.number().nullable(),
    outputError: z.number().nullable(),
  }),
  /** What of the run is not told here, and why. */
  notices: z.array(z.string()),
});

/** Spans on the side of the outputs and of the inputs. Null where one holds nothing. */
const sidesSchema = z.strictObject({
  outputs: overlapSchema.nullable(),
  inputs: overlapSchema.nullable(),
});

/** Two runs, over the layers that both have. */
export const pairDiagnosisSchema = z.strictObject({
  a: z.string(),
  b: z.string(),
  layers: z.array(
    z.strictObject({
      module: z.string(),
      /** Of the learned deltas. */
      delta: sidesSchema,
      /** Of the outer factors as they started. */
      outer: sidesSchema.nullable(),
    }),
  ),
  /** Mean similarity over layers, with that of chance. */
  summary: z.strictObject({
    deltaOutputs: z.number().nullable(),
    deltaInputs: z.number().nullable(),
    deltaChance: z.number().nullable(),
    outerOutputs: z.number().nullable(),
    outerInputs: z.number().nullable(),
    outerChance: z.number().nullable(),
  }),
});

export const diagnosisSchema = z.strictObject({
  runs: z.array(runDiagnosisSchema),
  pairs: z.array(pairDiagnosisSchema),
});

export type Spectrum = z.output<typeof spectrumSchema>;
export type LayerDiagnosis = z.output<typeof layerDiagnosisSchema>;
export type RunDiagnosis = z.output<typeof runDiagnosisSchema>;
export type PairDiagnosis = z.output<typeof pairDiagnosisSchema>;
export type Diagnosis = z.output<typeof diagnosisSchema>;
