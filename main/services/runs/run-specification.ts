import { join } from 'node:path';
import { overriddenTraining } from '../../engine/train/settings/training-overrides.ts';
import type { Store } from '../../store/store.ts';
import type { RunSpecification } from '../../trainer/protocol/protocol.ts';
import { findDataset } from '../library/datasets.ts';
import type { Run } from '../shared/entities.ts';
import { experimentDefinitionSchema } from '../shared/experiment-definition.ts';
import { findExperiment } from '../shared/experiment-lookup.ts';
import { findModel } from '../library/models.ts';

export const runDirectoryOf = (dataDirectory: string, runId: string): string =>
  join(dataDirectory, 'runs', runId);

export const cacheDirectoryOf = (dataDirectory: string): string => join(dataDirectory, 'cache');

/** Everything the trainer needs to know, from what the store knows. */
export const runSpecification = (
  store: Store,
  dataDirectory: string,
  { id, experimentId, configuration }: Run,
  resumeFrom: string | null,
): RunSpecification => {
  const experiment = findExperiment(store, experimentId);
  const definition = experimentDefinitionSchema.parse(experiment.definition);
  const { trainFile, validationFile, trainSeparator, validationSeparator, format } = findDataset(
    store,
    experiment.datasetId,
  );
  return {
    runDirectory: runDirectoryOf(dataDirectory, id),
    modelDirectory: findModel(store, experiment.modelId).directory,
    cacheDirectory: cacheDirectoryOf(dataDirectory),
    dataset: {
      trainFile,
      validationFile,
      trainSeparator,
      validationSeparator,
      format,
      validationFraction: definition.validationFraction,
    },
    adapter: configuration.adapter,
    training: overriddenTraining(definition.training, configuration.training),
    ...(definition.heldOut && { heldOut: definition.heldOut }),
    seed: definition.seed,
    date: definition.date,
    resumeFrom,
  };
};
