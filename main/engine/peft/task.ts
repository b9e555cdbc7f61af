import type { SavedAdapter } from '../adapters/folder/adapter-folder.ts';
import { isSavedWhole, targetingOf } from '../adapters/layer/target-modules.ts';
import type { PeftContents } from './folder.ts';
import type { SavedWeight } from './saved-weights.ts';
import type { PeftPlacement } from './targeting.ts';
import { readModelWeight } from '../models/weights/model-weights.ts';
import type { Model } from '../models/model.ts';
import { headModuleOf } from '../models/classifier/classifier-folder.ts';

type TaskOptions = Pick<PeftPlacement, 'taskType' | 'modulesToSave' | 'savedWeights'> &
  Required<Pick<PeftContents, 'extraFiles'>>;

const labelsText = (classes: readonly string[]): string =>
  `${JSON.stringify(Object.fromEntries(classes.map((name, id) => [id, name])), null, 2)}\n`;

/**
 * What PEFT needs to know of the task, and the weights that are saved whole. For SEQ_CLS it saves the head with every adapter and asks for
 * it when it loads one, so a head that was frozen goes along as the base has it. An adapter on the head itself cannot have both: it is
 * written without a task, which PEFT then leaves to who loads it.
 */
export const peftTask = (
  model: Model,
  { settings, layers, weights, classes, values }: SavedAdapter,
): TaskOptions => {
  const modulesToSave = targetingOf(settings)?.modulesToSave ?? [];
  const savedWeights = weights.map((weight): SavedWeight => ({
    ...weight,
    data: values.get(weight.name) as Float32Array,
  }));
  const { classifier, towers } = model.architecture;
  // PEFT has no task of two towers.
  if (towers) return { taskType: null, modulesToSave, savedWeights, extraFiles: [] };
  if (!classifier) return { taskType: 'CAUSAL_LM', modulesToSave, savedWeights, extraFiles: [] };

  // PEFT has no place for the names of classes, and a base without a head has none of its own.
  const extraFiles = classes ? [{ name: 'id2label.json', contents: labelsText(classes) }] : [];
  const head = headModuleOf(classifier.headModules.at(-1) as string);
  const isOfHead = (name: string): boolean => name.startsWith(`${head}.`);
  if (layers.some(({ module }) => isOfHead(`${module}.`)))
    return { taskType: null, modulesToSave, savedWeights, extraFiles };
  const frozen = isSavedWhole(modulesToSave, head)
    ? []
    : [...model.weightShapes]
        .filter(([name]) => isOfHead(name) && !savedWeights.some((weight) => weight.name === name))
        .map(([name, shape]): SavedWeight => ({ name, shape, data: readModelWeight(model, name) }));
  return {
    taskType: 'SEQ_CLS',
    modulesToSave: frozen.length === 0 ? modulesToSave : [...modulesToSave, head],
    savedWeights: [...savedWeights, ...frozen],
    extraFiles,
  };
};
