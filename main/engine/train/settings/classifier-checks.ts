import { isSavedWhole } from '../../adapters/layer/target-modules.ts';
import type { AdapterSettings } from '../../adapters/settings/adapter-settings.ts';
import { invalidInput, WorkbenchError } from '../../errors.ts';
import type { TrainingSettings } from './training-settings.ts';

/**
 * A head that was drawn at random says nothing until it is trained.
 * @param modules of the new head, by their paths; none where the model has its own
 */
export const checkNewHeadIsTrained = (modules: readonly string[], settings: AdapterSettings): void => {
  if (!('modulesToSave' in settings)) return;
  const { modulesToSave } = settings;
  if (modules.every((module) => isSavedWhole(modulesToSave, module))) return;
  const list = [...new Set([...modulesToSave, ...modules])].join(', ');
  throw invalidInput(
    `modulesToSave: the model brings no head for classes, so the new ${modules.join(' and ')} would stay at random numbers; have it trained too, with modulesToSave: [${list}]`,
  );
};

/** Texts that share a row would have one score together. */
export const checkNoPacking = ({ packing }: TrainingSettings): void => {
  if (!packing) return;
  throw new WorkbenchError(
    'unsupported',
    'training.packing: a classifier scores whole rows, so each text needs a row of its own; switch packing off',
  );
};
