import type { ExperimentDefinitionInput } from '../../main/api/contract.ts';
import { writeTinyModel } from '../support/tiny-model.ts';
import type { LoadContext } from './load.ts';

/** Puts a model into the library that takes a few milliseconds a step. */
export const importTiny = ({ workbench, path }: LoadContext) =>
  workbench.call('models.import', { directory: writeTinyModel(path('tiny')) });

/** Runs of it that differ in their rank only. */
export const tinyExperiment = (name: string, runs: number, steps: number): ExperimentDefinitionInput => ({
  version: 1,
  name,
  model: 'tiny',
  dataset: 'sample',
  training: { steps, batchSize: 1, sequenceLength: 16, evaluationBatches: 1, threads: 1 },
  configurations: Array.from({ length: runs }, (_, index) => ({
    name: `rank ${1 + (index % 8)}, number ${index + 1}`,
    adapter: { method: 'lora', rank: 1 + (index % 8) },
  })),
});
