import type { AdapterSettings } from '../engine/adapters/adapter-settings.ts';
import { invalidInput } from '../engine/errors.ts';
import type { DatasetRecord } from '../store/repositories/datasets.ts';
import type { Model } from './entities.ts';
import type { Configuration, ExperimentDefinition } from './experiment-definition.ts';

type Target = Model['targetModules'][number];

/**
 * Refuses what could only fail later.
 * @throws WorkbenchError naming the configuration, the field, the module and both numbers
 */
export const checkDefinition = (
  definition: ExperimentDefinition,
  model: Model,
  dataset: DatasetRecord,
): void => {
  const { steps, warmupSteps, sequenceLength } = definition.training;
  if (warmupSteps > steps)
    throw invalidInput(`training.warmupSteps: ${warmupSteps} is more than the ${steps} steps`);
  if (sequenceLength > model.maximumPositions)
    throw invalidInput(
      `training.sequenceLength: ${sequenceLength} is more than the ${model.maximumPositions} positions of the model "${model.name}"`,
    );
  if (dataset.validationFile === null && dataset.trainRows < 2)
    throw invalidInput(`dataset: "${dataset.name}" has a single row, so no part of it can be held out`);
  for (const configuration of definition.configurations) checkConfiguration(configuration, model);
};

const checkConfiguration = ({ name, adapter }: Configuration, model: Model): void => {
  const place = (field: string): string => `configuration "${name}", ${field}`;
  for (const target of targetsOf(adapter, model, place('targetModules'))) {
    const [field, rank] = outermostRank(adapter);
    const most = Math.min(target.outFeatures, target.inFeatures);
    if (rank > most)
      throw invalidInput(
        `${place(field)}: ${rank} is larger than the matrix ${target.name} (${target.outFeatures} x ${target.inFeatures}) allows: at most ${most}`,
      );
  }
  if (adapter.method === 'nora' && adapter.innerRank > adapter.outerRank)
    throw invalidInput(
      `${place('innerRank')}: ${adapter.innerRank} is larger than outerRank ${adapter.outerRank}`,
    );
};

const targetsOf = ({ targetModules }: AdapterSettings, model: Model, place: string): Target[] => {
  if (targetModules === 'all-linear') return model.targetModules;
  return targetModules.map((name) => {
    const target = model.targetModules.find((candidate) => candidate.name === name);
    if (target !== undefined) return target;
    const known = model.targetModules.map((candidate) => candidate.name).join(', ');
    throw invalidInput(`${place}: the model "${model.name}" has no module ${name} (it has ${known})`);
  });
};

/** The rank that must fit into a weight matrix, with the name of its field. */
const outermostRank = (adapter: AdapterSettings): [string, number] => {
  switch (adapter.method) {
    case 'lora':
      return ['rank', adapter.rank];
    case 'nora':
      return ['outerRank', adapter.outerRank];
  }
};
