import { invalidInput } from '../../../engine/errors.ts';
import type { Configuration, ExperimentDefinition } from '../../shared/experiment-definition.ts';
import type { Sweep } from './sweep-schema.ts';
import { trialsOfArm, withTrial } from './sweep-trials.ts';

/** An experiment has so many configurations at most. */
const mostConfigurations = 100;

/**
 * A configuration as each trial of a search has it, `LoRA · lr 3e-4`: those that differ for it, in the order of the trials.
 * @throws invalid-input naming the setting, for a value that it can't have
 */
const sweptConfigurations = (configuration: Configuration, sweep: Sweep): Configuration[] =>
  trialsOfArm(sweep, configuration).map((trial) => ({
    ...withTrial(configuration, trial),
    name: `${configuration.name} · ${trial.label}`,
  }));

/**
 * An experiment with every configuration as each trial of a search has it: one queue of runs on the same data, seed and held-out rows.
 * @throws invalid-input for a search whose rounds depend on results, and for more configurations than an experiment can have
 */
export const sweptExperiment = (definition: ExperimentDefinition, sweep: Sweep): ExperimentDefinition => {
  if (sweep.search === 'halving')
    throw invalidInput(
      'sweep.search: halving chooses by the results of each round, which an experiment has only at its end; search at random, or tune a comparison by it',
    );
  const configurations = definition.configurations.flatMap((one) => sweptConfigurations(one, sweep));
  if (configurations.length > mostConfigurations)
    throw invalidInput(
      `sweep: comes to ${configurations.length} configurations, an experiment has at most ${mostConfigurations}; name fewer points, or search at random`,
    );
  return { ...definition, configurations };
};
