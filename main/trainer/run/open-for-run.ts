import { readDatasetFile, type Dataset } from '../../engine/data/files/dataset-file.ts';
import { openModelFolder } from '../../engine/formats/model-folder.ts';
import { checkFormat, checkPacking } from '../../engine/objectives/checks.ts';
import { objectiveOfFolder, textObjectiveOf } from '../../engine/objectives/index.ts';
import type { OpenedModel } from '../../engine/objectives/text/text-objective.ts';
import { checkPictures } from '../../engine/train/settings/picture-checks.ts';
import { checkSamples } from '../../engine/train/settings/sample-checks.ts';
import type { RowsRun } from '../protocol/rows-run.ts';
import { runSeeds } from './run-seeds.ts';

/** The files of a run's data, read. */
export interface RunSources {
  readonly train: Dataset;
  readonly validation: Dataset | null;
}

/** A run's model and data, fit for each other. */
export interface OpenedRun extends OpenedModel {
  readonly sources: RunSources;
}

/**
 * Opens the model of a run and reads its data, as the model's objective has it.
 * @throws WorkbenchError where the data is not of the kind that the model is trained on
 */
export const openForRun = (specification: RowsRun): OpenedRun => {
  const { modelDirectory, dataset, training, adapter, cacheDirectory, runDirectory, seed } = specification;
  const { format, trainFile, validationFile, trainSeparator, validationSeparator } = dataset;
  const folder = openModelFolder(modelDirectory);
  const objective = objectiveOfFolder(folder);
  checkFormat(objective, format);
  checkSamples(objective, format, training);
  checkPictures(objective, training);
  const sources = {
    train: readDatasetFile(trainFile, { separator: trainSeparator }),
    validation:
      validationFile === null ? null : readDatasetFile(validationFile, { separator: validationSeparator }),
  };
  checkPacking(objective, training);
  const opened = textObjectiveOf({ objective }).open({
    folder,
    format,
    ...sources,
    adapter,
    newWeights: { directory: cacheDirectory ?? runDirectory, seed: runSeeds(seed).head },
  });
  return { ...opened, sources };
};
