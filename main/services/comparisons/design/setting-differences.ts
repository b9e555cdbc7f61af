import { isObject } from '../../../engine/json-value.ts';
import type { SettingDifference } from './confound-schema.ts';
import type { ResolvedArm } from './resolved-arm.ts';
import { settingText } from './setting-text.ts';

/** Settings whose value is one thing with parts of its own: compared and shown as a whole where their parts are names of modules. */
const isOpen = (path: string): boolean => path.endsWith('Pattern');

const flatten = (path: string, value: unknown): (readonly [string, unknown])[] =>
  isObject(value) && !isOpen(path)
    ? Object.entries(value).flatMap(([key, one]) => flatten(`${path}.${key}`, one))
    : [[path, value]];

const settingsOf = ({ adapter, training }: ResolvedArm): ReadonlyMap<string, unknown> =>
  new Map([...flatten('adapter', adapter), ...flatten('training', training)]);

/**
 * Every setting that the arms do not have alike, the methods' own too: adapter settings first, in the order of the first arm that has them. One
 * that a method lacks is null for its arm; those that only one method has are left out where all arms that have them agree, as they are
 * a part of what the method is.
 */
export const settingDifferences = (arms: readonly ResolvedArm[]): SettingDifference[] => {
  const all = arms.map(settingsOf);
  const paths = [...new Set(all.flatMap((settings) => [...settings.keys()]))];
  return paths.flatMap((path) => {
    const values = all.map((settings) => (settings.has(path) ? settingText(settings.get(path)) : null));
    const given = values.filter((value) => value !== null);
    return new Set(given).size > 1 ? [{ path, values }] : [];
  });
};
