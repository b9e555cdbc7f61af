import { z } from 'zod';
import { datasetFormatSchema } from '../engine/data/files/dataset-format.ts';
import { separatorNames } from '../engine/data/records/separators.ts';
import { dateSchema, standardDate } from '../engine/data/chat/template-date.ts';
import {
  adapterSchema,
  comparisonSchema,
  datasetSchema,
  deviceReportSchema,
  decompositionCacheSchema,
  doctorSchema,
  experimentSchema,
  exportSchema,
  memoryReportSchema,
  modelCheckSchema,
  modelSchema,
  previewSchema,
  runSchema,
} from '../services/shared/entities.ts';
import { experimentDefinitionSchema } from '../services/shared/experiment-definition.ts';
import { exportKindSchema, metricSchema } from '../trainer/protocol/protocol.ts';

/** Pure schemas that a form validates with. */
export { datasetFormatSchema } from '../engine/data/files/dataset-format.ts';
export { separatorNames, type SeparatorName } from '../engine/data/records/separators.ts';
export { designSpace } from '../engine/adapters/layer/design-space.ts';
export { modelFamilies } from '../engine/models/architectures/index.ts';
export { adapterName } from '../engine/adapters/settings/adapter-name.ts';
export {
  activationMatrices,
  activationMatrixSchema,
} from '../engine/adapters/description/activation-matrix.ts';
export type { ActivationMatrix } from '../engine/adapters/description/activation-matrix.ts';
export { adapterSettingsSchema } from '../engine/adapters/settings/adapter-settings.ts';
export { methods as adapterMethods } from '../engine/adapters/methods/index.ts';
export { noraPresets } from '../engine/adapters/methods/nora.ts';
export { targetedGroups, trainedParameters } from '../engine/adapters/layer/parameter-count.ts';
export { exportKindsOf } from '../trainer/protocol/export-kinds.ts';
export { lengthOf, lengthText, lengthUnits, withLength } from '../engine/train/settings/run-length.ts';
export type { LengthUnit } from '../engine/train/settings/run-length.ts';
export { dateSchema, standardDate } from '../engine/data/chat/template-date.ts';
export { trainingSettingsSchema } from '../engine/train/settings/training-settings.ts';
export { experimentDefinitionSchema } from '../services/shared/experiment-definition.ts';
export type { AdapterMethod, AdapterSettings } from '../engine/adapters/settings/adapter-settings.ts';
export type { DatasetFormat } from '../engine/data/files/dataset-format.ts';
export type { TrainingSettings } from '../engine/train/settings/training-settings.ts';
export type {
  Adapter,
  Comparison,
  Dataset,
  DeviceReport,
  Doctor,
  Experiment,
  Export,
  MemoryReport,
  Model,
  ModelCheck,
  Preview,
  Run,
  RunStatus,
} from '../services/shared/entities.ts';
export type {
  Configuration,
  ExperimentDefinition,
  ExperimentDefinitionInput,
} from '../services/shared/experiment-definition.ts';
export type { MemorySuggestion } from '../trainer/protocol/memory-schema.ts';
export type { ExportKind, ExportSummary, Metric, Phase, RunSummary } from '../trainer/protocol/protocol.ts';

/**
 * The one contract between the workbench and whoever uses it: window, browser, command line.
 * Pure: it runs in a browser too. Times are ISO 8601 in UTC, sizes are bytes.
 */

const id = z.string().min(1);

const method = <P extends z.ZodType, R extends z.ZodType>(params: P, result: R) => ({ params, result });
const nothing = z.strictObject({});
const byId = z.strictObject({ id });

const exportFields = { kind: exportKindSchema, destination: z.string().min(1).optional() };

/** Every call: its parameters and its result. */
export const methods = {
  'app.doctor': method(nothing, doctorSchema),
  'app.showCache': method(nothing, decompositionCacheSchema),
  'app.clearCache': method(nothing, decompositionCacheSchema), // gives what was there

  'devices.list': method(nothing, z.array(deviceReportSchema)), // tried once a session
  'devices.probe': method(nothing, z.array(deviceReportSchema)), // tries them again

  'models.list': method(nothing, z.array(modelSchema)),
  'models.show': method(byId, modelSchema), // id or name
  'models.import': method(
    z.strictObject({ directory: z.string().min(1), name: z.string().trim().min(1).optional() }),
    modelSchema,
  ),
  'models.remove': method(byId, nothing), // takes it out of the library; the person's files stay
  /** Holds its files against what they were at import: all by reading them, or, not thorough, those that look as if written since. */
  'models.verify': method(z.strictObject({ id, thorough: z.boolean().default(true) }), modelCheckSchema),

  'datasets.list': method(nothing, z.array(datasetSchema)),
  'datasets.show': method(byId, datasetSchema), // id or name
  'datasets.import': method(
    z.strictObject({
      trainFile: z.string().min(1),
      validationFile: z.string().min(1).optional(),
      name: z.string().trim().min(1).optional(),
      /** Found from the columns when absent. */
      format: datasetFormatSchema.optional(),
      /** Between the fields of CSV files; found from the header and the rows when absent. */
      separator: z.enum(separatorNames).optional(),
    }),
    datasetSchema,
  ),
  'datasets.remove': method(byId, nothing),
  'datasets.preview': method(
    z.strictObject({
      id,
      modelId: id,
      sequenceLength: z.int().min(2).default(256),
      lossOn: z.enum(['completion', 'all']).default('completion'),
      date: dateSchema.default(standardDate),
      count: z.int().min(1).max(50).default(5),
    }),
    previewSchema,
  ),

  'experiments.list': method(nothing, z.array(experimentSchema)),
  'experiments.show': method(byId, experimentSchema),
  'experiments.create': method(z.strictObject({ definition: experimentDefinitionSchema }), experimentSchema),
  /** What its runs would take, of those that run on the CPU: null for other devices, whose memory is not known. */
  'experiments.estimate': method(
    z.strictObject({ definition: experimentDefinitionSchema }),
    memoryReportSchema.nullable(),
  ),
  'experiments.start': method(byId, experimentSchema), // queues every run that is not completed, running or queued
  'experiments.remove': method(byId, nothing),
  'experiments.compare': method(byId, comparisonSchema),

  'runs.show': method(byId, runSchema),
  'runs.start': method(byId, runSchema), // queues; goes on from the last checkpoint where there is one
  'runs.pause': method(byId, runSchema),
  'runs.resume': method(byId, runSchema),
  'runs.cancel': method(byId, runSchema),
  'runs.metrics': method(z.strictObject({ id, name: z.string().optional() }), z.array(metricSchema)),

  'adapters.list': method(nothing, z.array(adapterSchema)),
  'adapters.show': method(byId, adapterSchema), // id or name
  /** An adapter folder of PEFT's, checked against the model. */
  'adapters.import': method(
    z.strictObject({
      directory: z.string().min(1),
      modelId: id,
      name: z.string().trim().min(1).optional(),
      /** Whether the model has given up already what the adapter starts from. */
      onResidualBase: z.boolean().default(false),
    }),
    adapterSchema,
  ),
  'adapters.remove': method(byId, nothing), // an imported one; the person's files stay

  'exports.list': method(nothing, z.array(exportSchema)),
  'exports.show': method(byId, exportSchema),
  'exports.create': method(
    z.union([
      z.strictObject({ runId: id, ...exportFields }),
      z.strictObject({ adapterId: id, ...exportFields }), // id or name
    ]),
    exportSchema,
  ),
} as const;

/** Everything the workbench tells without being asked. */
export const events = {
  'models.changed': nothing,
  'datasets.changed': nothing,
  'experiments.changed': nothing,
  'adapters.changed': nothing,
  'run.changed': runSchema,
  'run.metrics': z.strictObject({ runId: id, metrics: z.array(metricSchema) }),
  'export.changed': exportSchema,
} as const;

export const errorSchema = z.strictObject({
  code: z.enum([
    'invalid-input',
    'not-found',
    'unsupported',
    'conflict',
    'no-space',
    'newer-version',
    'internal',
  ]),
  message: z.string(),
});

export type Methods = typeof methods;
export type MethodName = keyof Methods;
/** What a caller passes. */
export type MethodParams<M extends MethodName> = z.input<Methods[M]['params']>;
/** What a handler receives: validated, defaults filled in. */
export type MethodParamsParsed<M extends MethodName> = z.output<Methods[M]['params']>;
export type MethodResult<M extends MethodName> = z.output<Methods[M]['result']>;
export type Events = typeof events;
export type EventName = keyof Events;
export type EventPayload<E extends EventName> = z.output<Events[E]>;
export type WorkbenchEvent = { [E in EventName]: { name: E; payload: EventPayload<E> } }[EventName];
export type ApiError = z.output<typeof errorSchema>;
/** What every transport carries back. */
export type Envelope<R> = { ok: true; result: R } | { ok: false; error: ApiError };

export const isMethodName = (name: unknown): name is MethodName =>
  typeof name === 'string' && Object.hasOwn(methods, name);
