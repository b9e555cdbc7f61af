import type { BaseFormat } from '../../engine/base/base-format.ts';
import { invalidInput } from '../../engine/errors.ts';
import type { AdapterRecord } from '../../store/repositories/adapters.ts';
import type { ModelRecord } from '../../store/repositories/models.ts';
import type { Store } from '../../store/store.ts';
import { findAdapter } from '../adapters/find-adapter.ts';
import { findModel } from '../library/models.ts';

/** What has to be in memory for a question. */
export interface SessionChoice {
  readonly model: ModelRecord;
  /** Null is the model itself. */
  readonly arms: readonly (AdapterRecord | null)[];
  readonly baseFormat: BaseFormat;
}

/** @throws WorkbenchError where there is no such adapter, or it is another model's */
export const chooseArms = (
  store: Store,
  model: ModelRecord,
  arms: readonly (string | null)[],
): (AdapterRecord | null)[] => {
  const adapters = arms.map((arm) => (arm === null ? null : findAdapter(store, arm)));
  const foreign = adapters.find((adapter) => adapter !== null && adapter.modelId !== model.id);
  if (foreign) {
    const { name } = findModel(store, foreign.modelId);
    throw invalidInput(`the adapter "${foreign.name}" is of the model "${name}", not of "${model.name}"`);
  }
  return adapters;
};

const idOf = (arm: AdapterRecord | null): string | null => arm?.id ?? null;

export const armIds = ({ arms }: Pick<SessionChoice, 'arms'>): (string | null)[] => arms.map(idOf);

/** Where each arm of a question stands among those in memory; null where other weights are needed. */
export const placesIn = (open: SessionChoice, wanted: SessionChoice): number[] | null => {
  if (open.model.id !== wanted.model.id || open.baseFormat !== wanted.baseFormat) return null;
  const ids = armIds(open);
  const places = armIds(wanted).map((id) => ids.indexOf(id));
  return places.includes(-1) ? null : places;
};

/** Whether all that is in memory is still in the library. */
export const isStillThere = (store: Store, { model, arms }: SessionChoice): boolean =>
  store.models.find(model.id) !== undefined &&
  arms.every((arm) => arm === null || store.adapters.find(arm.id) !== undefined);
