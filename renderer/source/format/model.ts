import {
  drawsPictures as isOfDrawing,
  objectiveFacts,
  takesFormat,
  type Dataset,
  type Model,
  type ModelCheck,
} from '../../../main/api/contract.ts';

/** What a classifier scores. */
export const describeClasses = ({ classNames, newModules }: NonNullable<Model['classifier']>): string => {
  if (classNames !== null) return classNames.join(', ');
  return newModules.length === 0
    ? 'without names: those of the data'
    : `those of the data: ${newModules.join(' and ')} is made new and trained whole`;
};

/** Whether the model can be trained on the data: classifiers on classes, others on text. */
export const belongTogether = ({ objective }: Model, { format }: Dataset): boolean =>
  takesFormat(objective, format);

/** Modules that score the classes, and what else has to be made new for them. */
export const headOf = ({ classifier }: Model): string[] =>
  classifier === null ? [] : [...new Set([...classifier.headModules, ...classifier.newModules])];

/** How a model's file stands to what it was at import. */
export const describeFileState: Record<ModelCheck['files'][number]['state'], string> = {
  unchanged: 'unchanged',
  changed: 'changed',
  added: 'added since',
  missing: 'gone',
};

/** As much of a hash as people compare. */
export const shortHash = (sha256: string | null): string => sha256?.slice(0, 12) ?? '–';

/** Whether the model compares pictures with texts. */
export const comparesPictures = ({ objective }: Model): boolean =>
  objective === 'class-prompts' || objective === 'image-captions';

/** Whether the model has a text tower that reads captions. */
export const readsCaptions = ({ objective }: Model): boolean =>
  objectiveFacts[objective].sets.includes('captions');

/** Whether the model draws pictures. */
export const drawsPictures = ({ objective }: Pick<Model, 'objective'>): boolean => isOfDrawing(objective);

/** Whether the model goes on from a text. */
export const writes = ({ objective }: Pick<Model, 'objective'>): boolean => objective === 'next-token';

/** Whether the playground has something to ask the model. */
export const canBeTried = (model: Model): boolean =>
  writes(model) || comparesPictures(model) || drawsPictures(model);
