import { isSavedWhole, targetingOf } from '../adapters/layer/target-modules.ts';
import type { AdapterSettings } from '../adapters/settings/adapter-settings.ts';
import { invalidInput, WorkbenchError } from '../errors.ts';
import type { ObjectiveName } from '../objective-names.ts';
import { objectiveFacts, otherDataOf, type Judged } from './facts.ts';

/** @throws unsupported where data of that format are not what the model is trained on */
export const checkFormat = (objective: ObjectiveName, format: Judged): void => {
  const other = otherDataOf(objective, format);
  if (other !== null) throw new WorkbenchError('unsupported', `dataset: ${other.line}`);
};

/** @throws unsupported where the rows that are asked for are none that the objective can score */
export const checkPacking = (objective: ObjectiveName, { packing }: { readonly packing: boolean }): void => {
  const { noPacking } = objectiveFacts[objective];
  if (packing && noPacking) throw new WorkbenchError('unsupported', `training.packing: ${noPacking.line}`);
};

/**
 * A head that was drawn at random says nothing until it is trained.
 * @param modules of the new head, by their paths; none where the model has its own
 */
export const checkNewHeadIsTrained = (modules: readonly string[], settings: AdapterSettings): void => {
  const targeting = targetingOf(settings);
  if (!targeting) return;
  const { modulesToSave } = targeting;
  if (modules.every((module) => isSavedWhole(modulesToSave, module))) return;
  const list = [...new Set([...modulesToSave, ...modules])].join(', ');
  throw invalidInput(
    `modulesToSave: the model brings no head for classes, so the new ${modules.join(' and ')} would stay at random numbers; have it trained too, with modulesToSave: [${list}]`,
  );
};
