import { knownSteps } from '../../engine/train/settings/run-length.ts';
import { overriddenTraining } from '../../engine/train/settings/training-overrides.ts';
import { withUsualPictures } from '../../engine/train/settings/usual-pictures.ts';
import type { Store } from '../../store/store.ts';
import { findDataset } from '../library/datasets.ts';
import { findModel } from '../library/models.ts';
import type { ExperimentDefinition } from '../shared/experiment-definition.ts';
import { createId, now } from '../shared/identifiers.ts';
import { checkDefinition } from './experiment-checks.ts';

/**
 * Writes down an experiment with a run for each configuration. To be called in a transaction.
 * @param runIds where the runs' folders were made before
 * @returns the runs in the order of the configurations
 * @throws WorkbenchError as checkDefinition
 */
export const insertExperiment = (
  store: Store,
  asked: ExperimentDefinition,
  runIds: readonly string[] = asked.configurations.map(() => createId()),
): { readonly experimentId: string; readonly runIds: readonly string[] } => {
  const model = findModel(store, asked.model);
  const dataset = findDataset(store, asked.dataset);
  const definition =
    dataset.format.kind === 'pictures'
      ? { ...asked, training: withUsualPictures(model.objective, asked.training) }
      : asked;
  checkDefinition(definition, model, dataset);
  const experimentId = createId();
  const createdAt = now();
  const { name } = definition;
  store.experiments.insert({
    id: experimentId,
    name,
    definition,
    modelId: model.id,
    datasetId: dataset.id,
    createdAt,
  });
  definition.configurations.forEach((settings, position) => {
    const configurationId = createId();
    store.experiments.insertConfiguration({ id: configurationId, experimentId, position, settings });
    store.runs.insert({
      id: runIds[position]!,
      configurationId,
      status: 'created',
      step: 0,
      steps: knownSteps(overriddenTraining(definition.training, settings.training)),
      error: null,
      notices: [],
      modelIdentity: null,
      origin: null,
      device: null,
      createdAt,
      startedAt: null,
      endedAt: null,
    });
  });
  return { experimentId, runIds };
};
