import { isDeepStrictEqual } from 'node:util';
import { attempt } from '../../../engine/attempt.ts';
import { invalidInput, WorkbenchError } from '../../../engine/errors.ts';
import { isObject } from '../../../engine/json-value.ts';
import type { Checked } from '../../../engine/problems.ts';
import { lengthUnits } from '../../../engine/train/settings/run-length.ts';
import { findPreset } from './index.ts';
import type { ExperimentPreset } from './preset.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Whatever a run's length is given in, it is one setting. */
const settingsWith = (field: string): readonly string[] =>
  (lengthUnits as readonly string[]).includes(field) ? lengthUnits : [field];

/** Settings that have settings of their own, each of which takes the place of its like alone. */
const nested = ['pictures', 'diffusion'];

/** The settings under those that are given; of pictures each by itself. */
const under = (given: Fields, settings: Fields): Fields => {
  const taken = new Set(Object.keys(given).flatMap(settingsWith));
  const kept = Object.fromEntries(Object.entries(settings).filter(([field]) => !taken.has(field)));
  const joined = nested.flatMap((name) => {
    const [ofGiven, ofSettings] = [given[name], settings[name]];
    return isObject(ofGiven) && isObject(ofSettings) ? [[name, { ...ofSettings, ...ofGiven }] as const] : [];
  });
  return { ...kept, ...given, ...Object.fromEntries(joined) };
};

/** Where a preset trains otherwise than the first one. */
const differences = ({ training }: ExperimentPreset, first: ExperimentPreset): Fields =>
  Object.fromEntries(
    Object.entries(training).filter(
      ([field, value]) => !isDeepStrictEqual(value, (first.training as Fields)[field]),
    ),
  );

/** What presets come to in a definition: how the first trains, and each with its adapter and what it has otherwise. */
const partsOf = (presets: readonly ExperimentPreset[], given: Fields) => {
  const [first] = presets as [ExperimentPreset];
  const taken = new Set(Object.keys(given).flatMap(settingsWith));
  return {
    training: under(given, first.training),
    configurations: presets.map((preset) => {
      const own = Object.entries(differences(preset, first)).filter(([field]) => !taken.has(field));
      return {
        name: preset.title,
        adapter: preset.adapter,
        ...(own.length > 0 && { training: Object.fromEntries(own) }),
      };
    }),
  };
};

const namesOf = (preset: unknown): string[] => {
  const names: unknown[] = Array.isArray(preset) ? preset : [preset];
  const isText = (name: unknown): name is string => typeof name === 'string';
  if (names.length === 0 || !names.every(isText))
    throw invalidInput('preset: expected a name, or a list of names');
  const repeated = names.find((name, at) => names.indexOf(name) !== at);
  if (repeated !== undefined) throw invalidInput(`preset: ${repeated} is there twice`);
  return names;
};

/** The same with what is wrong with its presets as a problem of the file's, and then held against `checkValue`. */
export const checkWithPresets = <Value>(
  given: unknown,
  configurations: 'configurations' | 'arms',
  checkValue: (spelledOut: unknown) => Checked<Value>,
): Checked<Value> => {
  const spelledOut = attempt(() => spellOutPresets(given, configurations));
  if (!(spelledOut instanceof WorkbenchError)) return checkValue(spelledOut);
  return {
    value: null,
    problems: [{ path: ['preset'], message: spelledOut.message.replace(/^preset: /, '') }],
  };
};

/**
 * A definition as a file has it, with what its `preset` stands for, under what is given: `preset: clip-lora`, or several, which makes as many
 * configurations. Where configurations are given as well, the presets say how they train.
 * @param configurations what the definition calls them
 * @throws WorkbenchError for a name that there is not, and for settings that can't be reproduced
 */
export const spellOutPresets = (given: unknown, configurations: 'configurations' | 'arms'): unknown => {
  if (!isObject(given) || given['preset'] === undefined) return given;
  const { preset, ...definition } = given;
  const training = isObject(definition['training']) ? definition['training'] : {};
  const names = namesOf(preset);
  if (names.length > 1 && definition[configurations] !== undefined)
    throw invalidInput(
      `preset: several make ${configurations} of their own; leave ${configurations} out, or name one`,
    );
  const parts = partsOf(names.map(findPreset), training);
  return {
    [configurations]: parts.configurations,
    ...definition,
    training: parts.training,
  };
};
