import { plainTemplate } from '../../engine/data/pictures/prompts/templates.ts';
import { overriddenTraining } from '../../engine/train/settings/training-overrides.ts';
import { configurationSchema, experimentDefinitionSchema } from '../shared/experiment-definition.ts';
import type { AdapterRecord } from '../../store/repositories/adapters.ts';
import type { Store } from '../../store/store.ts';
import type { ClassifyDefaults } from '../shared/classify-entities.ts';

/** The classes and the template of the first arm that was trained here; of none, CLIP's own template. */
export const classifyDefaults = (store: Store, arms: readonly (AdapterRecord | null)[]): ClassifyDefaults => {
  for (const arm of arms) {
    const trained = arm === null ? null : trainedOn(store, arm);
    if (trained !== null) return trained;
  }
  return { dataset: null, classes: [], template: plainTemplate };
};

const trainedOn = (store: Store, { runId, experimentId }: AdapterRecord): ClassifyDefaults | null => {
  const run = runId === null ? undefined : store.runs.find(runId);
  const experiment = experimentId === null ? undefined : store.experiments.find(experimentId);
  if (run === undefined || experiment === undefined) return null;
  const dataset = store.datasets.find(experiment.datasetId);
  // Captions are no classes: a person says what is asked.
  if (dataset?.format.kind !== 'pictures' || dataset.format.classes === null) return null;
  const configuration = configurationSchema.parse(run.configuration);
  const { training } = experimentDefinitionSchema.parse(experiment.definition);
  const { pictures } = overriddenTraining(training, configuration.training);
  return {
    dataset: { id: dataset.id, name: dataset.name },
    classes: [...dataset.format.classes],
    template: pictures?.template ?? plainTemplate,
  };
};
