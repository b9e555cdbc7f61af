import { modelFileKinds } from '../../engine/formats/model-file-schema.ts';
import { objectiveNames } from '../../engine/objective-names.ts';
import { deviceNames } from '../../engine/runtime/device-names.ts';
import {
  compactPlaces,
  curveKinds,
  derivations,
  metricGroups,
  metricUnits,
  summaryColumns,
  type MetricGroup,
} from '../../engine/metrics/metric.ts';
import { metricValuesSchema, runSummarySchema } from '../../engine/metrics/summary.ts';
import { z } from 'zod';
import { adapterSettingsSchema } from '../../engine/adapters/settings/adapter-settings.ts';
import { exportKindSchema, exportSummarySchema, phaseSchema } from '../../trainer/protocol/protocol.ts';
import { describedDatasetSchema, describedModelSchema } from '../../trainer/protocol/described-schema.ts';
import { memoryEstimateSchema, memorySuggestionSchema } from '../../trainer/protocol/memory-schema.ts';
import { configurationSchema, experimentDefinitionSchema } from './experiment-definition.ts';

/**
 * What the workbench keeps and shows. Pure: the contract builds on it, and it runs in a browser too.
 * Times are ISO 8601 in UTC, sizes are bytes.
 */

const id = z.string().min(1);
const time = z.string();

export const modelSchema = z.strictObject({
  id,
  name: z.string(),
  ...describedModelSchema.shape,
  /** One SHA-256 for the weights, the configuration and the tokenizer; null where it was not made yet (models from before it was kept). */
  contentHash: z.string().nullable(),
  builtIn: z.boolean(),
  createdAt: time,
});

/** A model's files, held against what they were at import. */
export const modelCheckSchema = z.strictObject({
  modelId: id,
  name: z.string(),
  directory: z.string(),
  unchanged: z.boolean(),
  /** Whether there was nothing to hold them against: then they count from now on as they are. */
  recordedNow: z.boolean(),
  files: z.array(
    z.strictObject({
      name: z.string(),
      kind: z.enum(modelFileKinds),
      state: z.enum(['unchanged', 'changed', 'added', 'missing']),
      /** SHA-256 at import and now; null where there was, or is, no such file. */
      was: z.string().nullable(),
      is: z.string().nullable(),
    }),
  ),
  /** One sentence with what changed and what can be done; null where nothing has. */
  problem: z.string().nullable(),
});

export const datasetSchema = describedDatasetSchema
  .omit({ trainSha256: true, validationSha256: true })
  .extend({
    id,
    name: z.string(),
    /** Those that training doesn't see. */
    unusedColumns: z.array(z.string()),
    builtIn: z.boolean(),
    createdAt: time,
  });

export const runStatusSchema = z.enum([
  'created', // never started
  'queued',
  'running',
  'pausing',
  'paused',
  'cancelling',
  'cancelled',
  'completed',
  'failed',
  'interrupted', // the trainer or the app died under it; can be resumed from its last checkpoint or started again
]);

/** The end of a run, as it was when another went on from it: the run itself may be gone. */
export const runOriginSchema = z.strictObject({
  runId: id,
  experimentId: id,
  /** Of its configuration. */
  name: z.string(),
  step: z.int().min(1),
});

export const runDeviceSchema = z.strictObject({
  name: z.enum(deviceNames),
  /** The step from which on. */
  since: z.int(),
});

export const runSchema = z.strictObject({
  id,
  experimentId: id,
  configuration: configurationSchema,
  status: runStatusSchema,
  /** Optimizer steps done. */
  step: z.int(),
  /** Of the whole run; null until the trainer has counted them, where the length is given in epochs or tokens. */
  steps: z.int().nullable(),
  progress: z.strictObject({ phase: phaseSchema, done: z.number(), total: z.number() }).nullable(),
  summary: runSummarySchema.nullable(),
  /** Latest value of each metric, by name; of a completed run what evaluations gave of the adapter that is saved. */
  latest: metricValuesSchema,
  error: z.string().nullable(),
  notices: z.array(z.string()),
  checkpointStep: z.int().nullable(),
  adapterId: id.nullable(),
  /** Where it goes on from another run, whose steps are counted before its own; absent where it starts by itself. */
  origin: z.exactOptional(runOriginSchema),
  /** What it goes on on in place of the device that its settings name; absent where it is as they say. */
  device: z.exactOptional(runDeviceSchema),
  createdAt: time,
  startedAt: time.nullable(),
  endedAt: time.nullable(),
});

export const experimentSchema = z.strictObject({
  id,
  name: z.string(),
  definition: experimentDefinitionSchema,
  modelId: id,
  modelName: z.string(),
  /** What the model is trained for. */
  objective: z.enum(objectiveNames),
  datasetId: id,
  datasetName: z.string(),
  runs: z.array(runSchema),
  /** The comparison that it is a part of; null for one that stands by itself. */
  comparisonId: id.nullable(),
  createdAt: time,
});

/** A definition that is kept to start from. */
export const experimentTemplateSchema = z.strictObject({
  /** The name of its file, without the end. */
  id,
  name: z.string(),
  /** Null where its file can't be read. */
  definition: experimentDefinitionSchema.nullable(),
  problem: z.string().nullable(),
});

/** An experiment as lists show it. */
export const experimentSummarySchema = experimentSchema
  .omit({ definition: true, objective: true, runs: true })
  .extend({
    /** How many of its runs have each status; those that none has are left out. */
    statuses: z.partialRecord(runStatusSchema, z.int()),
    /** The lowest held-out loss after training among its completed runs; null while none is completed. */
    bestLoss: z.number().nullable(),
  });

/** A run as lists show it. */
export const runRowSchema = z.strictObject({
  id,
  experimentId: id,
  experimentName: z.string(),
  /** Among the runs of its experiment, from 0: what its colour follows from. */
  place: z.int(),
  /** Its configuration's. */
  name: z.string(),
  method: z.string(),
  status: runStatusSchema,
  step: z.int(),
  steps: z.int().nullable(),
  adapterId: id.nullable(),
  tags: z.array(z.string()),
  note: z.string(),
  isArchived: z.boolean(),
  createdAt: time,
  startedAt: time.nullable(),
  endedAt: time.nullable(),
  /** Of the columns that were asked for. */
  values: z.record(z.string(), z.union([z.string(), z.number()]).nullable()),
});

export const adapterSchema = z.strictObject({
  id,
  /** The run that trained it and its experiment; null where it was imported. */
  runId: id.nullable(),
  experimentId: id.nullable(),
  experimentName: z.string().nullable(),
  modelId: id,
  modelName: z.string(),
  /** What the model is trained for. */
  objective: z.enum(objectiveNames),
  name: z.string(),
  method: z.string(),
  settings: adapterSettingsSchema,
  directory: z.string(),
  /** The folder that it was imported from; null where a run trained it. */
  source: z.string().nullable(),
  /** What it is the sum of, by ids that may be gone; null for all others. */
  parts: z.array(z.strictObject({ adapterId: id, name: z.string(), weight: z.number() })).nullable(),
  trainedParameters: z.int(),
  createdAt: time,
});

export const exportSchema = z.strictObject({
  id,
  adapterId: id,
  /** The run whose adapter it is; null where that was imported. */
  runId: id.nullable(),
  kind: exportKindSchema,
  destination: z.string(),
  status: z.enum(['running', 'completed', 'failed']),
  progress: z.strictObject({ phase: phaseSchema, done: z.number(), total: z.number() }).nullable(),
  summary: exportSummarySchema.nullable(),
  error: z.string().nullable(),
  createdAt: time,
});

/** The runs of one experiment, each configuration once. */
export const experimentComparisonSchema = z.strictObject({
  experimentId: id,
  rows: z.array(
    z.strictObject({
      runId: id,
      name: z.string(),
      method: z.string(),
      status: runStatusSchema,
      summary: runSummarySchema.nullable(),
    }),
  ),
  /** The completed run with the lowest validation loss after training; null while none is complete. */
  bestRunId: id.nullable(),
  /** What the sentence comes to: nothing yet, no gain on the base, the only one that has a gain, a tie of the best two, or a lead. */
  standing: z.enum(['nothing', 'no better', 'alone', 'tied', 'ahead']),
  /** One honest sentence on what the numbers say and what they cannot say (one seed, one validation part). */
  verdict: z.string(),
});

/** One entry of main/engine/metrics/registry.ts. */
export const metricEntrySchema = z.strictObject({
  name: z.string(),
  label: z.string(),
  short: z.string(),
  unit: z.enum(metricUnits),
  group: z.enum(Object.keys(metricGroups) as MetricGroup[]),
  better: z.enum(['lower', 'higher']).nullable(),
  shown: z.strictObject({ curve: z.enum(curveKinds).nullable(), beside: z.boolean() }),
  summary: z
    .strictObject({
      always: z.exactOptional(z.literal(true)),
      columns: z.array(z.enum(summaryColumns)).readonly(),
      heading: z.exactOptional(z.string()),
      title: z.exactOptional(z.string()),
      leftOut: z.exactOptional(z.array(z.enum(compactPlaces)).readonly()),
      partOf: z.exactOptional(z.string()),
    })
    .nullable(),
  from: z.exactOptional(
    z.strictObject({
      metric: z.string(),
      by: z.enum(Object.keys(derivations) as (keyof typeof derivations)[]),
      objectives: z.array(z.enum(objectiveNames)).readonly(),
    }),
  ),
});

export const doctorSchema = z.strictObject({
  version: z.string(),
  dataDirectory: z.string(),
  checks: z.array(
    z.strictObject({
      name: z.string(),
      status: z.enum(['ok', 'absent', 'failed']),
      detail: z.string(),
      hint: z.string().nullable(),
    }),
  ),
});

export const deviceReportSchema = z.strictObject({
  name: z.enum(deviceNames),
  label: z.string(),
  usable: z.boolean(),
  /** What was seen, or why it cannot be used. */
  detail: z.string(),
  /** How to come by it; null where there is nothing to do. */
  hint: z.string().nullable(),
});

export const memoryReportSchema = z.strictObject({
  /** Bytes that a run may take on this machine now. */
  available: z.number(),
  configurations: z.array(
    z.strictObject({ name: z.string(), estimate: memoryEstimateSchema, fits: z.boolean() }),
  ),
  /** Null where everything fits, and where nothing was found that would. */
  suggestion: memorySuggestionSchema.nullable(),
});

/** The decompositions kept for later runs. */
export type DeviceReport = z.output<typeof deviceReportSchema>;
export type MemoryReport = z.output<typeof memoryReportSchema>;
export type Model = z.output<typeof modelSchema>;
export type ModelCheck = z.output<typeof modelCheckSchema>;
export type Dataset = z.output<typeof datasetSchema>;
export type Run = z.output<typeof runSchema>;
export type RunStatus = z.output<typeof runStatusSchema>;
export type ExperimentTemplate = z.output<typeof experimentTemplateSchema>;
export type ExperimentSummary = z.output<typeof experimentSummarySchema>;
export type RunRow = z.output<typeof runRowSchema>;
export type Experiment = z.output<typeof experimentSchema>;
export type Adapter = z.output<typeof adapterSchema>;
export type Export = z.output<typeof exportSchema>;
export type ExperimentComparison = z.output<typeof experimentComparisonSchema>;
export type Doctor = z.output<typeof doctorSchema>;
