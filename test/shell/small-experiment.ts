import type { ExperimentDefinitionInput } from '../../main/services/shared/experiment-definition.ts';

/** The sample in two steps: enough to see that a trainer process runs. */
export const smallExperiment: ExperimentDefinitionInput = {
  version: 1,
  name: 'Small',
  model: 'sample',
  dataset: 'sample',
  training: { steps: 2, batchSize: 2, sequenceLength: 32, evaluationBatches: 1 },
  configurations: [{ name: 'LoRA', adapter: { method: 'lora', rank: 2 } }],
};
