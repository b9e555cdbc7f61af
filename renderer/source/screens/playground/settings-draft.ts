import {
  defaultGenerationSettings,
  generationPresets,
  generationSettingsSchema,
  type GenerationPreset,
  type GenerationSettings,
} from '../../../../main/api/contract.ts';

/** Settings that are numbers; null where a setting is switched off, NaN while what is typed is none. */
export type NumberName = Exclude<keyof GenerationSettings, 'stop'>;
export type SettingsDraft = Record<NumberName, number | null> & {
  /** A text a line. */
  stop: string;
};

interface SettingField {
  name: NumberName;
  label: string;
  /** What counts as off, shown as an empty field; absent where there must be a number. */
  off?: number | null;
  hint?: string;
  /** Whether it says nothing where the likeliest token is taken. */
  needsDrawing?: true;
}

export const settingFields: readonly SettingField[] = [
  { name: 'temperature', label: 'Temperature', off: 0, hint: 'Off takes the likeliest token each time.' },
  { name: 'topK', label: 'Top-k', off: null, needsDrawing: true },
  { name: 'topP', label: 'Top-p', off: null, needsDrawing: true },
  { name: 'minP', label: 'Min-p', off: null, needsDrawing: true },
  { name: 'repetitionPenalty', label: 'Repetition penalty', off: 1 },
  { name: 'frequencyPenalty', label: 'Frequency penalty', off: 0 },
  { name: 'presencePenalty', label: 'Presence penalty', off: 0 },
  { name: 'maximumTokens', label: 'Longest answer' },
  { name: 'seed', label: 'Seed', needsDrawing: true },
];

const offOf = (name: NumberName): number | null | undefined =>
  settingFields.find((field) => field.name === name)?.off;

export const draftOf = (settings: GenerationSettings): SettingsDraft => {
  const { stop, ...numbers } = settings;
  const shown = Object.entries(numbers).map(([name, value]) => [
    name,
    value === offOf(name as NumberName) ? null : value,
  ]);
  return { ...(Object.fromEntries(shown) as Record<NumberName, number | null>), stop: stop.join('\n') };
};

export interface ReadSettings {
  /** Undefined while a field is wrong. */
  settings: GenerationSettings | undefined;
  problems: Partial<Record<string, string>>;
}

const ranges: Partial<Record<string, string>> = {
  temperature: 'From 0 to 10.',
  topK: 'A whole number from 1.',
  topP: 'Above 0, at most 1.',
  minP: 'From 0, below 1.',
  repetitionPenalty: 'Above 0, at most 100.',
  frequencyPenalty: 'From −10 to 10.',
  presencePenalty: 'From −10 to 10.',
  seed: 'A whole number from 0.',
  maximumTokens: 'A whole number from 1.',
  stop: 'At most 64 texts.',
};

export const readDraft = ({ stop, ...numbers }: SettingsDraft): ReadSettings => {
  const given = Object.entries(numbers).map(([name, value]) => [
    name,
    value === null ? offOf(name as NumberName) : value,
  ]);
  const read = generationSettingsSchema.safeParse({
    ...Object.fromEntries(given),
    stop: stop.split('\n').filter((line) => line !== ''),
  });
  if (read.success) return { settings: read.data, problems: {} };
  const wrong = read.error.issues.map(({ path }) => String(path[0]));
  return {
    settings: undefined,
    problems: Object.fromEntries(wrong.map((name) => [name, ranges[name] ?? 'Not in its range.'])),
  };
};

export const presetTitles: Readonly<Record<GenerationPreset, string>> = {
  greedy: 'Greedy',
  balanced: 'Balanced',
  creative: 'Creative',
};

/** What a preset doesn't say stays as it is. */
export const withPreset = (draft: SettingsDraft, name: GenerationPreset): SettingsDraft => {
  const preset = draftOf({ ...defaultGenerationSettings, ...generationPresets[name] });
  const names = Object.keys(generationPresets[name]) as NumberName[];
  return { ...draft, ...Object.fromEntries(names.map((setting) => [setting, preset[setting]])) };
};

/** The preset that settings are; undefined where they are none. */
export const presetOf = (draft: SettingsDraft): GenerationPreset | undefined => {
  const { settings } = readDraft(draft);
  const names = Object.keys(generationPresets) as GenerationPreset[];
  return names.find((name) =>
    Object.entries(generationPresets[name]).every(
      ([setting, value]) => settings?.[setting as keyof GenerationSettings] === value,
    ),
  );
};
