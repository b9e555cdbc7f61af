import { overriddenTraining } from '../../engine/train/settings/training-overrides.ts';
import type { Store } from '../../store/store.ts';
import type { BudgetQuestion } from '../../trainer/protocol/budget-schema.ts';
import { configurationSchema, experimentDefinitionSchema } from '../shared/experiment-definition.ts';

const mostRuns = 50;

/** What the latest completed runs of a model took: seconds of other settings follow from them. */
export const measuredRuns = (store: Store, modelId: string): BudgetQuestion['measured'] => {
  const measured: BudgetQuestion['measured'] = [];
  for (const experiment of store.experiments.onModel(modelId)) {
    const { training } = experimentDefinitionSchema.parse(experiment.definition);
    for (const { configuration, summary } of store.runs.ofExperiment(experiment.id)) {
      const stepSeconds = summary?.['train/step_seconds'];
      if (stepSeconds === undefined) continue;
      const { adapter, training: overrides } = configurationSchema.parse(configuration);
      measured.push({
        adapter,
        training: overriddenTraining(training, overrides),
        stepSeconds,
        initialisationSeconds: summary?.['run/initialisation_seconds'] ?? 0,
      });
      if (measured.length === mostRuns) return measured;
    }
  }
  return measured;
};
