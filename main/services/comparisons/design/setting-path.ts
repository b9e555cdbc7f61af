import { invalidInput } from '../../../engine/errors.ts';
import { isObject } from '../../../engine/json-value.ts';
import { methods } from '../../../engine/adapters/methods/index.ts';
import { newAdapterSettingsSchema } from '../../../engine/adapters/settings/new-settings.ts';
import type { AdapterSettings } from '../../../engine/adapters/settings/adapter-settings.ts';
import { checked } from '../../../engine/problems.ts';
import { instead } from '../../../engine/suggestions.ts';
import {
  trainingOverridesSchema,
  type TrainingOverrides,
} from '../../../engine/train/settings/training-overrides.ts';
import type { SettingValue } from './sweep-schema.ts';

/** What a path names a setting of. */
type SettingOwner = 'training' | 'adapter';

export interface SettingPath {
  readonly owner: SettingOwner;
  /** `['activationMatrix', 'exponent']` */
  readonly keys: readonly string[];
  /** With its owner: `training.learningRate`. */
  readonly full: string;
}

const trainingNames = Object.keys(trainingOverridesSchema.shape);
const adapterNames = [
  ...new Set(Object.values(methods).flatMap(({ schema }) => Object.keys(schema.shape as object))),
].filter((name) => name !== 'method');

/**
 * A setting by its path: `training.learningRate`, `adapter.activationMatrix.exponent`, or `learningRate` alone, where only one of both has
 * such a setting.
 * @throws invalid-input for a path that names none, with those it may have been meant for
 */
export const settingPath = (path: string): SettingPath => {
  const keys = path.split('.');
  const [first, ...rest] = keys as [string, ...string[]];
  if (first === 'training' || first === 'adapter') return known(path, first, rest);
  if (trainingNames.includes(first)) return known(path, 'training', keys);
  if (adapterNames.includes(first)) return known(path, 'adapter', keys);
  throw invalidInput(
    `sweep.settings: ${JSON.stringify(path)} is no setting${instead(first, [...trainingNames, ...adapterNames])}`,
  );
};

const known = (path: string, owner: SettingOwner, keys: readonly string[]): SettingPath => {
  const names = owner === 'training' ? trainingNames : adapterNames;
  const [name] = keys;
  if (name === undefined || !names.includes(name))
    throw invalidInput(
      `sweep.settings: ${JSON.stringify(path)} is no ${owner} setting${instead(name ?? '', names)}`,
    );
  return { owner, keys, full: [owner, ...keys].join('.') };
};

/** A copy with one value in its place. A value in the place of an object's part leaves the object's other parts. */
const replaced = (settings: unknown, [key, ...rest]: readonly string[], value: SettingValue): unknown => {
  if (key === undefined) return value;
  const object = isObject(settings) ? settings : {};
  return { ...object, [key]: replaced(object[key], rest, value) };
};

/** What an arm is trained by, as far as a path can change it. */
export interface SettableArm {
  readonly adapter: AdapterSettings;
  readonly training?: TrainingOverrides;
}

/** Whether an arm has a setting: every arm has those of training, an adapter those of its method. */
export const hasSetting = (
  { adapter }: Pick<SettableArm, 'adapter'>,
  { owner, keys }: SettingPath,
): boolean => {
  if (owner === 'training') return true;
  const walk = (settings: unknown, [key, ...rest]: readonly string[]): boolean =>
    key === undefined || (isObject(settings) && Object.hasOwn(settings, key) && walk(settings[key], rest));
  return walk(adapter, keys);
};

/**
 * An arm with a setting changed.
 * @throws invalid-input naming the setting, for a value that it can't have
 */
export const withSetting = <Arm extends SettableArm>(
  arm: Arm,
  path: SettingPath,
  value: SettingValue,
): Arm => {
  const { owner, keys } = path;
  if (owner === 'training') {
    const training = replaced(arm.training ?? {}, keys, value);
    return { ...arm, training: checked(trainingOverridesSchema, training, 'training') };
  }
  const adapter = replaced(arm.adapter, keys, value);
  return { ...arm, adapter: checked(newAdapterSettingsSchema, adapter, 'adapter') };
};
