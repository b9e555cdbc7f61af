import { checkLabels, readLabels } from '../../engine/data/examples/class-examples.ts';
import { mapLabels, type Classes } from '../../engine/data/examples/class-labels.ts';
import { readDatasetFile, type Dataset } from '../../engine/data/files/dataset-file.ts';
import { checkTask } from '../../engine/data/files/dataset-task.ts';
import { WorkbenchError } from '../../engine/errors.ts';
import { openModelFolder, type ModelFolder } from '../../engine/formats/model-folder.ts';
import { checkNewHeadIsTrained, checkNoPacking } from '../../engine/train/settings/classifier-checks.ts';
import { drawHead } from '../../engine/models/classifier/draw-head.ts';
import { readModel, type Model } from '../../engine/models/model.ts';
import {
  headClassesOf,
  lacksHead,
  newHeadModules,
  withHead,
  withNewNames,
} from '../../engine/models/classifier/classifier-folder.ts';
import type { RunSpecification } from '../protocol/protocol.ts';
import { runSeeds } from './run-seeds.ts';

/** The files of a run's data, read. */
export interface RunSources {
  readonly train: Dataset;
  readonly validation: Dataset | null;
}

/** A run's model and data, fit for each other. */
export interface OpenedRun {
  readonly model: Model;
  readonly sources: RunSources;
  /** What labels stand for; null for models that predict tokens. */
  readonly classes: Classes | null;
  readonly notices: readonly string[];
}

/**
 * Opens the model of a run and reads its data. A classifier gets the names of the data's classes where it has none of its own, and a
 * new head where its folder has none.
 * @throws WorkbenchError where the data is not of the kind that the model is trained on
 */
export const openForRun = (specification: RunSpecification): OpenedRun => {
  const { modelDirectory, dataset, training } = specification;
  const { format, trainFile, validationFile, trainSeparator, validationSeparator } = dataset;
  const folder = openModelFolder(modelDirectory);
  const head = headClassesOf(folder);
  checkTask(format, head === null ? 'causal-lm' : 'sequence-classification');
  const sources = {
    train: readDatasetFile(trainFile, { separator: trainSeparator }),
    validation:
      validationFile === null ? null : readDatasetFile(validationFile, { separator: validationSeparator }),
  };
  if (head === null || format.kind !== 'classification')
    return { model: readModel(folder), sources, classes: null, notices: [] };
  checkNoPacking(training);
  const classes = namingFile(sources.train.name, () => mapLabels(readLabels(sources.train, format), head));
  // Before anything slow: the classes come from the training rows, and held-out rows may have others.
  if (sources.validation !== null) checkLabels(sources.validation, format, classes);
  return { ...classifierOf(specification, folder, classes), sources, classes };
};

const classifierOf = (
  { adapter, cacheDirectory, runDirectory, seed }: RunSpecification,
  folder: ModelFolder,
  { names }: Classes,
): Pick<OpenedRun, 'model' | 'notices'> => {
  if (!lacksHead(folder)) return { model: readModel(withNewNames(folder, names)), notices: [] };
  const modules = newHeadModules(folder);
  checkNewHeadIsTrained(modules, adapter);
  const drawn = drawHead(folder, names, {
    directory: cacheDirectory ?? runDirectory,
    seed: runSeeds(seed).head,
  });
  return {
    model: readModel(withHead(folder, names, drawn)),
    notices: [
      `The model brings no head for ${names.length} classes: ${modules.join(' and ')} started at random numbers`,
    ],
  };
};

const namingFile = <T>(name: string, work: () => T): T => {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof WorkbenchError) || error.message.startsWith(name)) throw error;
    throw new WorkbenchError(error.code, `${name}: ${error.message}`, { cause: error });
  }
};
