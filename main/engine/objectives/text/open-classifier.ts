import { checkLabels, readLabels } from '../../data/examples/class-examples.ts';
import { mapLabels, type Classes } from '../../data/examples/class-labels.ts';
import type { ClassificationFormat, DatasetFormat } from '../../data/files/dataset-format.ts';
import { WorkbenchError } from '../../errors.ts';
import {
  headClassesOf,
  lacksHead,
  newHeadModules,
  withHead,
  withNewNames,
} from '../../models/classifier/classifier-folder.ts';
import { drawHead } from '../../models/classifier/draw-head.ts';
import { readModel } from '../../models/model.ts';
import { checkNewHeadIsTrained } from '../checks.ts';
import type { OpenedModel, OpenRequest } from './text-objective.ts';

/** The format of a classifier's data. */
export const classFormat = (format: DatasetFormat): ClassificationFormat => {
  if (format.kind === 'classification') return format;
  throw new Error(`a classifier is trained on classes, not on ${format.kind} rows`);
};

/**
 * A classifier gets the names of the data's classes where it has none of its own, and a new head where its folder has none. The classes
 * come from the training rows; held-out rows may have others, which is found before anything slow.
 */
export const openClassifier = (request: OpenRequest): OpenedModel => {
  const { folder, train, validation } = request;
  const format = classFormat(request.format);
  const head = headClassesOf(folder) ?? { kind: 'new' as const };
  const classes = namingFile(train.name, () => mapLabels(readLabels(train, format), head));
  if (validation !== null) checkLabels(validation, format, classes);
  return { ...modelFor(request, classes), classes };
};

const modelFor = (
  { folder, adapter, newWeights }: OpenRequest,
  { names }: Classes,
): Pick<OpenedModel, 'model' | 'notices'> => {
  if (!lacksHead(folder)) return { model: readModel(withNewNames(folder, names)), notices: [] };
  const modules = newHeadModules(folder);
  checkNewHeadIsTrained(modules, adapter);
  const drawn = drawHead(folder, names, newWeights);
  return {
    model: readModel(withHead(folder, names, drawn)),
    notices: [
      `The model brings no head for ${names.length} classes: ${modules.join(' and ')} started at random numbers`,
    ],
  };
};

const namingFile = <T>(name: string, work: () => T): T => {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof WorkbenchError) || error.message.startsWith(name)) throw error;
    throw new WorkbenchError(error.code, `${name}: ${error.message}`, { cause: error });
  }
};
