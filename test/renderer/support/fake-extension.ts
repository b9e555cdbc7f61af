import type { ExperimentDefinition, Run } from '../../../main/api/contract.ts';

/** What a run of the fake is trained by that goes on from another. */
export const extendedDefinition = (
  definition: ExperimentDefinition,
  { configuration }: Run,
  steps: number,
): ExperimentDefinition => {
  const name = `${configuration.name}, ${steps} more steps`;
  const { adapter } = configuration;
  return {
    ...definition,
    name,
    training: { ...definition.training, steps },
    configurations: [{ name, adapter }],
  };
};

export const extensionOf = (
  { id, experimentId, configuration, step }: Run,
  steps: number,
): Pick<Run, 'origin' | 'step' | 'steps' | 'checkpointStep'> => ({
  origin: { runId: id, experimentId, name: configuration.name, step },
  step,
  steps: step + steps,
  checkpointStep: step,
});
