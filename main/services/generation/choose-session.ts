import { invalidInput, WorkbenchError } from '../../engine/errors.ts';
import type { Store } from '../../store/store.ts';
import { findModel } from '../library/models.ts';
import { chooseArms, type SessionChoice } from '../sessions/session-choice.ts';
import type { GenerationRequest } from '../shared/generation-entities.ts';

type Asked = Pick<GenerationRequest, 'modelId' | 'arms' | 'rows' | 'baseFormat'>;

/** @throws WorkbenchError where there is no such model or adapter, or they don't belong together */
export const chooseSession = (store: Store, { modelId, arms, rows, baseFormat }: Asked): SessionChoice => {
  const model = findModel(store, modelId);
  if (model.objective !== 'next-token')
    throw new WorkbenchError(
      'unsupported',
      `the model "${model.name}" is made for ${model.objective}: it writes no text`,
    );
  const adapters = chooseArms(store, model, arms);
  const missing = rows.find(({ arm }) => arm >= arms.length);
  if (missing) throw invalidInput(`rows: there is no arm ${missing.arm}; there are ${arms.length}, from 0`);
  return { model, arms: adapters, baseFormat };
};
