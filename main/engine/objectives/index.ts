import { join } from 'node:path';
import { WorkbenchError } from '../errors.ts';
import type { ModelFolder } from '../formats/model-folder.ts';
import type { ModelArchitecture } from '../models/architecture.ts';
import { readArchitecture } from '../models/architectures/index.ts';
import type { ObjectiveName, TextObjectiveName } from '../objective-names.ts';
import { classification } from './classification.ts';
import { objectiveFacts } from './facts.ts';
import { nextToken } from './next-token.ts';
import type { TextObjective } from './text/text-objective.ts';

/** Of models that see text alone. */
const textObjectives: Readonly<Record<TextObjectiveName, TextObjective>> = {
  'next-token': nextToken,
  classification,
};

export const objectives: Readonly<Record<ObjectiveName, TextObjective>> = textObjectives;

/** What a model is trained for. */
export const objectiveOf = ({ objective }: Pick<ModelArchitecture, 'objective'>): TextObjective =>
  objectives[objective];

/** The same, where the rows are texts. @throws unsupported for a model that sees more than text */
export const textObjectiveOf = ({ objective }: Pick<ModelArchitecture, 'objective'>): TextObjective => {
  const known = Object.entries(textObjectives).find(([name]) => name === objective);
  if (known) return known[1];
  throw new WorkbenchError('unsupported', `dataset: ${objectiveFacts[objective].otherData.line}`);
};

/** What the model of a folder is trained for, as its config.json has it: its weights may be there or not. */
export const objectiveOfFolder = ({ directory, config }: ModelFolder): ObjectiveName =>
  readArchitecture(config, join(directory, 'config.json')).objective;
