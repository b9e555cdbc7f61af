import { z } from 'zod';
import { certifiedOnSchema } from '../../../trainer/protocol/certificate-schema.ts';
import {
  pairMeasures,
  runMeasures,
  type PairMeasureName,
  type RunMeasureName,
} from './diagnosis-measures.ts';

/**
 * What was found on looking into the adapters of a comparison: by run, by arm over its seeds, and layer by layer. Numbers that there are none of
 * are left out. Pure: it runs in a browser too.
 */

const spread = z.strictObject({ mean: z.number(), low: z.number(), high: z.number() });

const namesOf = <Name extends string>(measures: readonly { readonly name: Name }[]): [Name, ...Name[]] =>
  measures.map(({ name }) => name) as [Name, ...Name[]];
const runMeasureName = z.enum(namesOf<RunMeasureName>(runMeasures));
const pairMeasureName = z.enum(namesOf<PairMeasureName>(pairMeasures));
const numbers = z.partialRecord(runMeasureName, z.number());

export const diagnosisPairSchema = z.strictObject({
  /** Two seeds of one arm, or two arms from one seed. */
  kind: z.enum(['seeds', 'arms']),
  /** The same for seeds. */
  first: z.string(),
  second: z.string(),
});

export const comparisonDiagnosisSchema = z.strictObject({
  version: z.literal(1),
  /** What the losses are measured on; null where on nothing. */
  on: certifiedOnSchema.nullable(),
  runs: z.array(
    z.strictObject({
      runId: z.string(),
      arm: z.string(),
      seed: z.int(),
      /** Of layers their mean: every layer counts alike. */
      values: numbers,
      notices: z.array(z.string()),
    }),
  ),
  /** Over the runs of each arm. */
  arms: z.array(
    z.strictObject({ arm: z.string(), runs: z.int(), values: z.partialRecord(runMeasureName, spread) }),
  ),
  /** Over the pairs of runs that are of the kind. */
  pairs: z.array(
    z.strictObject({
      ...diagnosisPairSchema.shape,
      runs: z.array(z.tuple([z.string(), z.string()])),
      values: z.partialRecord(pairMeasureName, spread),
    }),
  ),
  layers: z.array(
    z.strictObject({
      module: z.string(),
      outFeatures: z.int(),
      inFeatures: z.int(),
      /** Means over the runs. An arm that leaves the layer alone is not there. */
      arms: z.array(
        z.strictObject({
          arm: z.string(),
          values: numbers,
          /** Of the delta over its Frobenius norm, the largest first, to six digits. */
          spectrum: z.array(z.number()),
        }),
      ),
      pairs: z.array(
        z.strictObject({
          ...diagnosisPairSchema.shape,
          values: z.partialRecord(pairMeasureName, z.number()),
        }),
      ),
    }),
  ),
  /** Who is missing, and what of others is not told. */
  notices: z.array(z.string()),
});

export type DiagnosisSpread = z.output<typeof spread>;
export type ComparisonDiagnosis = z.output<typeof comparisonDiagnosisSchema>;
