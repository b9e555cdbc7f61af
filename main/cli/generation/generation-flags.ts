import {
  baseFormats,
  dateSchema,
  generationPresets,
  generationSettingsSchema,
  standardDate,
  type BaseFormat,
  type GenerationDefaults,
  type GenerationSettings,
} from '../../api/contract.ts';
import { invalidInput } from '../../engine/errors.ts';

/** How answers are chosen, and what they are asked of. */
export interface GenerationFlags {
  readonly preset?: string;
  readonly temperature?: string;
  readonly topK?: string;
  readonly topP?: string;
  readonly minP?: string;
  readonly repetitionPenalty?: string;
  readonly frequencyPenalty?: string;
  readonly presencePenalty?: string;
  readonly seed?: string;
  readonly stop?: readonly string[];
  readonly maxTokens?: string;
  readonly date?: string;
  readonly base?: string;
}

export const generationFlags: Readonly<Record<string, string>> = {
  '--preset <name>': `how tokens are chosen: ${Object.keys(generationPresets).join(', ')}; as the model's generation_config.json says otherwise`,
  '--temperature <number>': '0 takes the likeliest token each time',
  '--top-k <tokens>': 'draw from so many of the likeliest tokens; 0 is off',
  '--top-p <share>': 'draw from the likeliest tokens that have this probability together; 1 is off',
  '--min-p <share>': 'draw from tokens at least this share as likely as the likeliest; 0 is off',
  '--repetition-penalty <factor>':
    'make tokens of the prompt and the answer less likely, as in CTRL; 1 is off',
  '--frequency-penalty <logits>': 'for each time that the answer has the token; 0 is off',
  '--presence-penalty <logits>': 'once, if the answer has the token; 0 is off',
  '--seed <number>': 'the same seed draws the same answer',
  '--stop <texts...>': 'end before any of these texts',
  '--max-tokens <count>': 'of an answer',
  '--date <day>': 'what a chat template that asks for the date is told, such as 2026-11-28',
  '--base <format>': `how the model's weights are held: ${baseFormats.join(', ')}`,
};

/** A flag, the setting that it gives, and the value that switches a setting off which is null when off. */
const numbers: readonly { flag: keyof GenerationFlags; setting: keyof GenerationSettings; off?: number }[] = [
  { flag: 'temperature', setting: 'temperature' },
  { flag: 'topK', setting: 'topK', off: 0 },
  { flag: 'topP', setting: 'topP', off: 1 },
  { flag: 'minP', setting: 'minP', off: 0 },
  { flag: 'repetitionPenalty', setting: 'repetitionPenalty' },
  { flag: 'frequencyPenalty', setting: 'frequencyPenalty' },
  { flag: 'presencePenalty', setting: 'presencePenalty' },
  { flag: 'seed', setting: 'seed' },
  { flag: 'maxTokens', setting: 'maximumTokens' },
];

/** The settings that flags ask for, on top of a preset, on top of what the model's own file says. */
export const readSettings = (
  flags: GenerationFlags,
  { settings: ofModel }: Pick<GenerationDefaults, 'settings'>,
): GenerationSettings => {
  const given = numbers.flatMap(({ flag, setting, off }) => {
    const text = flags[flag] as string | undefined;
    return text === undefined ? [] : [[setting, numberOf(text, flag, setting, off)] as const];
  });
  return generationSettingsSchema.parse({
    ...ofModel,
    ...presetOf(flags.preset),
    ...Object.fromEntries(given),
    ...(flags.stop !== undefined && { stop: flags.stop }),
  });
};

const presetOf = (name: string | undefined): Partial<GenerationSettings> => {
  if (name === undefined) return {};
  if (Object.hasOwn(generationPresets, name))
    return generationPresets[name as keyof typeof generationPresets];
  throw invalidInput(`--preset: "${name}" is none of ${Object.keys(generationPresets).join(', ')}`);
};

const numberOf = (
  text: string,
  flag: string,
  setting: keyof GenerationSettings,
  off: number | undefined,
): number | null => {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  const read = generationSettingsSchema.shape[setting].safeParse(value === off ? null : value);
  if (read.success) return read.data as number | null;
  const name = flag.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw invalidInput(`--${name}: "${text}" is not in its range`);
};

/** What the model's own file has a part in, for people; null where it says nothing that counts. */
export const defaultsNotice = (
  { settings, fromModel, keys }: GenerationDefaults,
  { preset }: GenerationFlags,
): string | null => {
  if (preset !== undefined || fromModel.length === 0) return null;
  const said = fromModel.map((name) => `${name} ${settings[name] === null ? 'off' : String(settings[name])}`);
  return `As the model's generation_config.json says (${keys.join(', ')}): ${said.join(', ')}`;
};

export const readBase = (name = 'fp32'): BaseFormat => {
  const found = baseFormats.find((format) => format === name);
  if (found === undefined) throw invalidInput(`--base: "${name}" is none of ${baseFormats.join(', ')}`);
  return found;
};

export const readDate = (text = standardDate): string => {
  const read = dateSchema.safeParse(text);
  if (!read.success) throw invalidInput(`--date: expected a day such as 2026-11-28, not "${text}"`);
  return read.data;
};
