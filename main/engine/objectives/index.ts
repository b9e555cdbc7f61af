import { join } from 'node:path';
import type { ModelFolder } from '../formats/model-folder.ts';
import type { ModelArchitecture } from '../models/architecture.ts';
import { readArchitecture } from '../models/architectures/index.ts';
import type { ObjectiveName } from '../objective-names.ts';
import { classification } from './classification.ts';
import { nextToken } from './next-token.ts';
import type { TextObjective } from './text/text-objective.ts';

export const objectives: Readonly<Record<ObjectiveName, TextObjective>> = {
  'next-token': nextToken,
  classification,
};

/** What a model is trained for. */
export const objectiveOf = ({ objective }: Pick<ModelArchitecture, 'objective'>): TextObjective =>
  objectives[objective];

/** What the model of a folder is trained for, as its config.json has it: its weights may be there or not. */
export const objectiveOfFolder = ({ directory, config }: ModelFolder): ObjectiveName =>
  readArchitecture(config, join(directory, 'config.json')).objective;
