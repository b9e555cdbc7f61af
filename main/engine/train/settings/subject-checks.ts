import type { PicturesFormat } from '../../data/pictures/pictures-format.ts';
import { invalidInput, WorkbenchError } from '../../errors.ts';
import type { ObjectiveName } from '../../objective-names.ts';
import { diffusionSettingsOf } from './diffusion-settings.ts';
import { checkCaptions, drawsPictures } from './picture-checks.ts';
import type { TrainingSettings } from './training-settings.ts';

type Format = Pick<PicturesFormat, 'classes' | 'subject'>;
type Training = Pick<TrainingSettings, 'pictures' | 'diffusion' | 'batchSize'>;

/** Refuses pictures that a model can't learn to draw, and settings that they leave open, before anything is read. */
const checkSubject = ({ classes, subject }: Format, training: Training): void => {
  if (classes !== null)
    throw new WorkbenchError(
      'unsupported',
      'dataset: its pictures have classes, and the model learns to draw what captions or a prompt say; import them as pictures of a subject',
    );
  const { prompt, prior } = diffusionSettingsOf(training);
  const missing = subject?.captions.missing ?? 0;
  if (prompt === null && missing > 0)
    throw invalidInput(
      `training.diffusion.prompt: ${missing} pictures of the data have no caption; say what they show, as in "a photo of sks dog"`,
    );
  const there = subject?.classPictures ?? 0;
  if (prior !== null && prior.draw === null && there < Math.max(1, prior.pictures))
    throw invalidInput(
      `training.diffusion.prior.pictures: asks for ${Math.max(1, prior.pictures)} pictures of the class, and the data have ${there}; give training.diffusion.prior.draw, so that the model draws those that are missing, add some and import them again, or ask for fewer`,
    );
};

/**
 * Holds data of pictures and settings against each other, as what the model does asks.
 * @throws WorkbenchError naming the field
 */
export const checkPicturesFit = (objective: ObjectiveName, format: Format, training: Training): void =>
  (drawsPictures(objective) ? checkSubject : checkCaptions)(format, training);
