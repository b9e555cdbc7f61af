import { WorkbenchError } from '../errors.ts';
import { configPlaceOf, type ModelFolder } from '../formats/model-folder.ts';
import type { ModelArchitecture } from '../models/architecture.ts';
import { readArchitecture } from '../models/architectures/index.ts';
import type {
  ObjectiveName,
  PictureObjectiveName,
  TextObjectiveName,
  TrainedObjectiveName,
} from '../objective-names.ts';
import { captionMatches } from './caption-matches.ts';
import { classPrompts } from './class-prompts.ts';
import { classification } from './classification.ts';
import { objectiveFacts } from './facts.ts';
import { imageCaptions } from './image-captions.ts';
import { nextToken } from './next-token.ts';
import { noise } from './noise.ts';
import type { BatchObjective } from './objective.ts';
import type { TextObjective } from './text/text-objective.ts';

/** Of models that see text alone. */
const textObjectives: Readonly<Record<TextObjectiveName, TextObjective>> = {
  'next-token': nextToken,
  classification,
};

/** Of models that compare pictures with texts. */
export const pictureObjectives = {
  'class-prompts': classPrompts,
  'image-captions': imageCaptions,
  'caption-matches': captionMatches,
} as const satisfies Readonly<Record<PictureObjectiveName, unknown>>;

/** What all of them have; how each makes its batches is for those who know which one it is. */
export type AnyObjective = BatchObjective & Pick<TextObjective, 'samples'>;

export const objectives: Readonly<Record<TrainedObjectiveName, AnyObjective>> = {
  ...textObjectives,
  ...pictureObjectives,
  noise,
};

const isTrained = (objective: ObjectiveName): objective is TrainedObjectiveName =>
  Object.hasOwn(objectives, objective);

/** What a model is trained for. @throws unsupported for a model that nothing trains */
export const objectiveOf = ({ objective }: Pick<ModelArchitecture, 'objective'>): AnyObjective => {
  if (isTrained(objective)) return objectives[objective];
  throw new WorkbenchError('unsupported', `model: ${objectiveFacts[objective].otherData.line}`);
};

/** The same, where the rows are texts. @throws unsupported for a model that sees more than text */
export const textObjectiveOf = ({ objective }: Pick<ModelArchitecture, 'objective'>): TextObjective => {
  const known = Object.entries(textObjectives).find(([name]) => name === objective);
  if (known) return known[1];
  throw new WorkbenchError('unsupported', `dataset: ${objectiveFacts[objective].otherData.line}`);
};

/** What the model of a folder is trained for, as its config.json has it: its weights may be there or not. */
export const objectiveOfFolder = (folder: ModelFolder): ObjectiveName =>
  readArchitecture(folder.config, configPlaceOf(folder)).objective;
