import { invalidInput } from '../../engine/errors.ts';
import { warmupStepsOf } from '../../engine/optim/schedule.ts';
import { checkFormat, checkNewHeadIsTrained, checkPacking } from '../../engine/objectives/checks.ts';
import { checkPictures, isOfText } from '../../engine/train/settings/picture-checks.ts';
import { checkPicturesFit } from '../../engine/train/settings/subject-checks.ts';
import { checkDrawnSides } from '../../engine/train/settings/drawn-side-checks.ts';
import { checkSamples } from '../../engine/train/settings/sample-checks.ts';
import { knownSteps } from '../../engine/train/settings/run-length.ts';
import { overriddenTraining } from '../../engine/train/settings/training-overrides.ts';
import type { TrainingSettings } from '../../engine/train/settings/training-settings.ts';
import type { DatasetRecord } from '../../store/repositories/datasets.ts';
import type { ModelRecord as Model } from '../../store/repositories/models.ts';
import { namingConfiguration } from '../../trainer/read/naming-configuration.ts';
import type { ReadFiles } from '../reading/reader.ts';
import type { Configuration, ExperimentDefinition } from '../shared/experiment-definition.ts';

/**
 * Refuses what could only fail later, as far as the library tells.
 * @throws WorkbenchError naming the configuration and the field
 */
export const checkDefinition = (
  definition: ExperimentDefinition,
  model: Model,
  dataset: DatasetRecord,
): void => {
  checkTraining(definition.training, model);
  if (dataset.validationFile === null && dataset.trainRows < 2)
    throw invalidInput(`dataset: "${dataset.name}" has a single row, so no part of it can be held out`);
  checkFormat(model.objective, dataset.format);
  for (const { name, adapter, training } of definition.configurations)
    namingConfiguration(name, () => {
      const settings = overriddenTraining(definition.training, training);
      checkTraining(settings, model);
      checkSamples(model.objective, dataset.format, settings);
      checkPictures(model.objective, settings);
      if (dataset.format.kind === 'pictures') checkPicturesFit(model.objective, dataset.format, settings);
      checkNewHeadIsTrained(model.classifier?.newModules ?? [], adapter);
    });
};

/**
 * Refuses adapters that the model has no place for. Names of layers are held against all there are, so the folder is looked at: its headers, no
 * weights.
 * @throws WorkbenchError naming the configuration, the field, the module and both numbers
 */
export const checkAdaptersFit = async (
  readFiles: ReadFiles,
  { directory }: Pick<Model, 'directory'>,
  configurations: readonly Configuration[],
): Promise<void> => {
  const adapters = configurations.map(({ name, adapter }) => ({ name, adapter }));
  await readFiles({ kind: 'fit', directory, configurations: adapters });
};

const checkTraining = (
  training: TrainingSettings,
  { name, objective, maximumPositions, drawnSides }: Model,
): void => {
  const { sequenceLength } = training;
  const steps = knownSteps(training);
  // Of other lengths the steps are known once the trainer has counted them.
  if (steps !== null) warmupStepsOf(training, steps);
  if (isOfText(objective) && sequenceLength > maximumPositions)
    throw invalidInput(
      `training.sequenceLength: ${sequenceLength} is more than the ${maximumPositions} positions of the model "${name}"`,
    );
  checkPacking(objective, training);
  // Of a model from before its sides were kept the trainer tells.
  if (training.diffusion !== null && drawnSides !== null)
    checkDrawnSides(training.diffusion, drawnSides.multipleOf);
};
