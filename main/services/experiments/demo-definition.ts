import { join } from 'node:path';
import { WorkbenchError } from '../../engine/errors.ts';
import type { Store } from '../../store/store.ts';
import type { ExperimentDefinition } from '../shared/experiment-definition.ts';
import { readExperimentFile } from './experiment-file.ts';

/**
 * The experiment of the sample's own file. The file calls its model and data by the names that they usually get; here they are those that
 * came with the program, whatever they are called in this library.
 * @throws not-found where the program came without a sample, or it could not be read
 */
export const demoDefinition = (store: Store, sampleDirectory: string | null): ExperimentDefinition => {
  const model = store.models.list().find(({ builtIn }) => builtIn);
  const dataset = store.datasets.list().find(({ builtIn }) => builtIn);
  if (sampleDirectory === null || model === undefined || dataset === undefined)
    throw new WorkbenchError('not-found', 'there is no sample in the library, which the demo is about');
  const definition = readExperimentFile(join(sampleDirectory, 'demo.yaml'));
  return { ...definition, model: model.id, dataset: dataset.id };
};
