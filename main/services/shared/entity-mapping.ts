import { contentHash } from '../../engine/formats/model-identity.ts';
import { runSummarySchema, type MetricValues, type RunSummary } from '../../engine/metrics/summary.ts';
import { exportSummarySchema } from '../../trainer/protocol/protocol.ts';
import type { AdapterRecord } from '../../store/repositories/adapters.ts';
import type { ExportRecord } from '../../store/repositories/exports.ts';
import type { Store } from '../../store/store.ts';
import {
  adapterSchema,
  exportSchema,
  runDeviceSchema,
  runOriginSchema,
  runStatusSchema,
} from './entities.ts';
import type { Adapter, Experiment, Export, Model, Run } from './entities.ts';
import { configurationSchema, experimentDefinitionSchema } from './experiment-definition.ts';
import type { ExperimentRecord } from '../../store/repositories/experiments.ts';
import type { ModelRecord } from '../../store/repositories/models.ts';
import type { RunRecord } from '../../store/repositories/runs.ts';

/** How far a phase has come; only its own process knows, so the store does not. */
export type Progress = NonNullable<Run['progress']>;

export const runOf = (store: Store, record: RunRecord, progress: Progress | null): Run => {
  const { configurationId: _, modelIdentity: __, origin, device, configuration, status, ...rest } = record;
  const summary = runSummarySchema.nullable().parse(record.summary);
  return {
    ...rest,
    ...(origin !== null && { origin: runOriginSchema.parse(origin) }),
    ...(device !== null && { device: runDeviceSchema.parse(device) }),
    summary,
    latest: { ...record.latest, ...ofEvaluations(summary) },
    configuration: configurationSchema.parse(configuration),
    status: runStatusSchema.parse(status),
    checkpointStep: store.checkpoints.ofRun(record.id)[0]?.step ?? null,
    progress,
  };
};

/** What the evaluations gave of the adapter that is saved. */
const ofEvaluations = (summary: RunSummary | null): MetricValues =>
  Object.fromEntries(Object.entries(summary ?? {}).filter(([name]) => /^validation\/[^/]+$/.test(name)));

export const experimentOf = (store: Store, record: ExperimentRecord, runs: Run[]): Experiment => {
  const { definition, ...rest } = record;
  const model = store.models.find(record.modelId);
  return {
    ...rest,
    definition: experimentDefinitionSchema.parse(definition),
    modelName: model?.name ?? '',
    objective: model?.objective ?? 'next-token',
    datasetName: store.datasets.find(record.datasetId)?.name ?? '',
    runs,
    comparisonId: store.comparisons.ofExperiment(record.id) ?? null,
  };
};

export const adapterOf = ({ settings, parts, modelIdentity: _, ...record }: AdapterRecord): Adapter => ({
  ...record,
  parts: adapterSchema.shape.parts.parse(parts),
  settings: adapterSchema.shape.settings.parse(settings),
});

export const modelOf = ({ identity, ...record }: ModelRecord): Model => ({
  ...record,
  contentHash: identity && contentHash(identity),
});

export const exportOf = (
  { modelIdentity: _, ...record }: ExportRecord,
  progress: Progress | null,
): Export => ({
  ...record,
  kind: exportSchema.shape.kind.parse(record.kind),
  status: exportSchema.shape.status.parse(record.status),
  summary: exportSummarySchema.nullable().parse(record.summary),
  progress,
});
