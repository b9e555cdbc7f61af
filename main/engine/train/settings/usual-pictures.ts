import type { ObjectiveName } from '../../objective-names.ts';
import { diffusionSettingsOf } from './diffusion-settings.ts';
import { drawsPictures } from './picture-checks.ts';
import { pictureSettingsSchema } from './picture-settings.ts';
import type { TrainingSettings } from './training-settings.ts';

/** What is not said of pictures is said, so that settings mean the same whatever becomes usual: how they are compared, or how they are drawn. */
export const withUsualPictures = (objective: ObjectiveName, training: TrainingSettings): TrainingSettings =>
  drawsPictures(objective)
    ? { ...training, diffusion: diffusionSettingsOf(training) }
    : { ...training, pictures: training.pictures ?? pictureSettingsSchema.parse({}) };
