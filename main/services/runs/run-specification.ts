import { join } from 'node:path';
import type { DeviceName } from '../../engine/runtime/device-names.ts';
import { overriddenTraining } from '../../engine/train/settings/training-overrides.ts';
import type { Store } from '../../store/store.ts';
import type { RunSpecification } from '../../trainer/protocol/protocol.ts';
import { datasetSource } from '../library/dataset-source.ts';
import { findDataset } from '../library/datasets.ts';
import type { Run } from '../shared/entities.ts';
import {
  experimentDefinitionSchema,
  type Configuration,
  type ExperimentDefinition,
} from '../shared/experiment-definition.ts';
import { cacheDirectoryOf } from '../shared/cache-directory.ts';
import { findExperiment } from '../shared/experiment-lookup.ts';
import { findModel } from '../library/models.ts';

export const runDirectoryOf = (dataDirectory: string, runId: string): string =>
  join(dataDirectory, 'runs', runId);

/** What a run is started with, wherever it comes from. */
export interface RunPlan {
  readonly runId: string;
  /** Ids, or names in the library. */
  readonly modelId: string;
  readonly datasetId: string;
  readonly definition: Omit<
    ExperimentDefinition,
    'version' | 'name' | 'model' | 'dataset' | 'configurations'
  >;
  readonly configuration: Configuration;
  readonly resumeFrom: string | null;
  readonly origin?: Run['origin'] | undefined;
  /** In place of the one that its settings name. */
  readonly device?: DeviceName | undefined;
}

/** Everything the trainer needs to know of a run that is planned. */
export const plannedSpecification = (
  store: Store,
  dataDirectory: string,
  { runId, modelId, datasetId, definition, configuration, resumeFrom, origin, device }: RunPlan,
): RunSpecification => ({
  runDirectory: runDirectoryOf(dataDirectory, runId),
  modelDirectory: findModel(store, modelId).directory,
  cacheDirectory: cacheDirectoryOf(dataDirectory),
  dataset: datasetSource(findDataset(store, datasetId), definition.validationFraction),
  adapter: configuration.adapter,
  training: {
    ...overriddenTraining(definition.training, configuration.training),
    ...(device !== undefined && { device }),
  },
  ...(definition.heldOut && { heldOut: definition.heldOut }),
  seed: definition.seed,
  date: definition.date,
  resumeFrom,
  ...(origin && { origin: { step: origin.step } }),
});

/** Everything the trainer needs to know, from what the store knows. */
export const runSpecification = (
  store: Store,
  dataDirectory: string,
  { id: runId, experimentId, configuration, origin, device }: Run,
  resumeFrom: string | null,
): RunSpecification => {
  const { definition, modelId, datasetId } = findExperiment(store, experimentId);
  return plannedSpecification(store, dataDirectory, {
    runId,
    modelId,
    datasetId,
    definition: experimentDefinitionSchema.parse(definition),
    configuration,
    resumeFrom,
    origin,
    device: device?.name,
  });
};
