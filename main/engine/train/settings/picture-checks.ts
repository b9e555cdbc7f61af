import type { PicturesFormat } from '../../data/pictures/pictures-format.ts';
import { plainTemplate } from '../../data/pictures/prompts/templates.ts';
import { invalidInput, WorkbenchError } from '../../errors.ts';
import {
  diffusionObjectiveNames,
  pictureObjectiveNames,
  textObjectiveNames,
  type ObjectiveName,
} from '../../objective-names.ts';
import { pictureSettingsSchema } from './picture-settings.ts';
import type { TrainingSettings } from './training-settings.ts';

type Checked = Pick<
  TrainingSettings,
  'pictures' | 'diffusion' | 'lossOn' | 'neftuneAlpha' | 'baseFormat' | 'labelSmoothing' | 'stepsPerShot'
>;

/** A setting that means nothing for a model. */
interface Meaningless {
  readonly field: keyof Checked;
  readonly isGiven: (training: Checked) => boolean;
  readonly why: string;
}

/** What is said of texts, or not done for pictures yet. */
const ofTexts: readonly Meaningless[] = [
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

/** Whether a model compares pictures with texts. */
export const isOfPictures = (objective: ObjectiveName): boolean =>
  (pictureObjectiveNames as readonly ObjectiveName[]).includes(objective);

/** Whether a model sees text alone. */
export const isOfText = (objective: ObjectiveName): boolean =>
  (textObjectiveNames as readonly ObjectiveName[]).includes(objective);

/** Whether a model draws pictures. */
export const drawsPictures = (objective: ObjectiveName): boolean =>
  (diffusionObjectiveNames as readonly ObjectiveName[]).includes(objective);

const ofDiffusion = (why: string): Meaningless => ({
  field: 'diffusion',
  isGiven: ({ diffusion }) => diffusion !== null,
  why,
});

const ofCompared = (why: string): Meaningless => ({
  field: 'pictures',
  isGiven: ({ pictures }) => pictures !== null,
  why,
});

/** What means nothing for a model, by what it does. */
const meaningless = (objective: ObjectiveName): readonly Meaningless[] => {
  if (drawsPictures(objective))
    return [
      ofCompared(
        'is of models that compare pictures with texts (CLIP); this one draws them: see training.diffusion',
      ),
      {
        field: 'stepsPerShot',
        isGiven: ({ stepsPerShot }) => stepsPerShot !== undefined,
        why: 'counts pictures of each class, and there is one subject; give steps or epochs',
      },
      {
        field: 'labelSmoothing',
        isGiven: ({ labelSmoothing }) => labelSmoothing > 0,
        why: 'is spread over classes, and noise has none; set it to 0',
      },
      ...ofTexts,
    ];
  if (isOfPictures(objective))
    return [
      ofDiffusion(
        'is of models that draw pictures; this one compares them with texts: see training.pictures',
      ),
      ...ofTexts,
    ];
  return [
    ofCompared(
      'the model sees text alone; leave it out, or choose a model that compares pictures with texts (CLIP)',
    ),
    ofDiffusion(
      'the model sees text alone; leave it out, or choose a model that draws pictures (Stable Diffusion)',
    ),
  ];
};

/** @throws unsupported, naming the field, for settings that mean nothing for the model: of pictures, of how they are drawn, of texts */
export const checkPictures = (objective: ObjectiveName, training: Checked): void => {
  const given = meaningless(objective).find(({ isGiven }) => isGiven(training));
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
