import type { PicturesFormat } from '../../data/pictures/pictures-format.ts';
import { plainTemplate } from '../../data/pictures/prompts/templates.ts';
import { invalidInput, WorkbenchError } from '../../errors.ts';
import { pictureObjectiveNames, type ObjectiveName } from '../../objective-names.ts';
import { pictureSettingsSchema } from './picture-settings.ts';
import type { TrainingSettings } from './training-settings.ts';

type Checked = Pick<TrainingSettings, 'pictures' | 'lossOn' | 'neftuneAlpha' | 'baseFormat'>;

/** What is said of texts, or not done for pictures yet. */
const ofTexts: readonly {
  readonly field: keyof Checked;
  readonly isGiven: (training: Checked) => boolean;
  readonly why: string;
}[] = [
  {
    field: 'lossOn',
    isGiven: ({ lossOn }) => lossOn !== 'completion',
    why: 'says which tokens carry loss, and pictures carry it here; leave it out',
  },
  {
    field: 'neftuneAlpha',
    isGiven: ({ neftuneAlpha }) => neftuneAlpha > 0,
    why: "is noise on a text's embeddings, and pictures are trained on; set it to 0",
  },
  {
    field: 'baseFormat',
    isGiven: ({ baseFormat }) => baseFormat !== 'fp32',
    why: 'is not done for models of pictures yet; set it to fp32',
  },
];

export const isOfPictures = (objective: ObjectiveName): boolean =>
  (pictureObjectiveNames as readonly ObjectiveName[]).includes(objective);

/** @throws unsupported, naming the field, for settings of pictures on a model of text, and of texts on one of pictures */
export const checkPictures = (objective: ObjectiveName, training: Checked): void => {
  if (!isOfPictures(objective)) {
    if (training.pictures === null) return;
    throw new WorkbenchError(
      'unsupported',
      'training.pictures: the model sees text alone; leave it out, or choose a model that compares pictures with texts (CLIP)',
    );
  }
  const given = ofTexts.find(({ isGiven }) => isGiven(training));
  if (given) throw new WorkbenchError('unsupported', `training.${given.field}: ${given.why}`);
};

/**
 * @throws WorkbenchError naming the field, for settings that are said of classes where the pictures have captions, and for batches of one picture, which
 * has nothing that it could take for its caption but that
 */
export const checkCaptions = (
  { classes }: Pick<PicturesFormat, 'classes'>,
  training: Pick<TrainingSettings, 'pictures' | 'batchSize'>,
): void => {
  if (classes !== null) return;
  if (training.batchSize < 2)
    throw invalidInput(
      `training.batchSize: ${training.batchSize} picture has one caption to find among one, which teaches and measures nothing; set it to 2 or more`,
    );
  const { shots, template } = training.pictures ?? pictureSettingsSchema.parse({});
  const refuse = (field: string, why: string): never => {
    throw new WorkbenchError('unsupported', `training.pictures.${field}: ${why}`);
  };
  if (shots !== 'all')
    refuse('shots', 'are counted by class, and these pictures have captions; leave it out');
  if (template !== plainTemplate)
    refuse('template', 'asks for a class, and these pictures have captions of their own; leave it out');
};
