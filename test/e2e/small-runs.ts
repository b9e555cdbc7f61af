import type { Experiment, ExperimentDefinitionInput } from '../../main/api/contract.ts';
import { writeTinyModel } from '../support/tiny-model.ts';
import type { Journey } from './use-workbench.ts';

/** Puts a model of 40 thousand weights into the library, which takes a few milliseconds a step. */
export const importTiny = async ({ workbench, path }: Journey): Promise<void> => {
  await workbench.call('models.import', { directory: writeTinyModel(path('models', 'tiny')) });
};

/** Longer than any test looks at it. */
export const endless = 1_000_000;

export interface SmallExperiment {
  readonly name: string;
  readonly steps: number;
  /** Its runs, by name. */
  readonly runs: readonly string[];
  readonly training?: Partial<ExperimentDefinitionInput['training']>;
}

/** An experiment on the tiny model and the sample's texts, made by another client; not started. */
export const createSmall = (
  { workbench }: Journey,
  { name, steps, runs, training = {} }: SmallExperiment,
): Promise<Experiment> =>
  workbench.call('experiments.create', {
    definition: {
      version: 1,
      name,
      model: 'tiny',
      dataset: 'sample',
      training: { steps, batchSize: 1, sequenceLength: 16, evaluationBatches: 1, threads: 1, ...training },
      configurations: runs.map((run, index) => ({
        name: run,
        adapter: { method: 'lora', rank: 2 + index },
      })),
    },
  });
