import { existsSync } from 'node:fs';
import { readJsonObject } from '../formats/json-text.ts';
import { pathIn } from '../formats/path-in.ts';
import { generationSettingsSchema, type GenerationSettings } from './generation-settings.ts';

/** What a model's generation_config.json says of how it likes to be asked. */
export interface ModelDefaults {
  readonly settings: Partial<GenerationSettings>;
  /** Keys of the file that the settings come from. */
  readonly from: readonly string[];
}

type SettingName = keyof GenerationSettings;

/** Keys that count whatever else stands there, and those that count only where the file says that tokens are drawn (do_sample). */
const always: Readonly<Record<string, SettingName>> = {
  repetition_penalty: 'repetitionPenalty',
  max_new_tokens: 'maximumTokens',
};
const whereDrawn: Readonly<Record<string, SettingName>> = {
  temperature: 'temperature',
  top_k: 'topK',
  top_p: 'topP',
  min_p: 'minP',
};

/** Values by which transformers switches a setting off. */
const neutral: Partial<Record<SettingName, unknown>> = { topK: 0, topP: 1, minP: 0 };

/**
 * Reads generation_config.json, if the folder has one, as transformers' `generate` takes it: without `do_sample` the likeliest token is taken,
 * and temperature and filters say nothing. A value out of a setting's range is left out.
 */
export const readModelDefaults = (modelDirectory: string): ModelDefaults => {
  const path = pathIn(modelDirectory, 'generation_config.json');
  if (!existsSync(path)) return { settings: {}, from: [] };
  const config = readJsonObject(path);
  const draws = config['do_sample'] === true;
  const keys = { ...always, ...(draws && whereDrawn) };
  const read = Object.entries(keys).flatMap(([key, name]) => {
    const said = config[key];
    if (said === undefined || said === null) return [];
    const value = generationSettingsSchema.shape[name].safeParse(said === neutral[name] ? null : said);
    return value.success ? [{ key, name, value: value.data }] : [];
  });
  const settings: Partial<GenerationSettings> = Object.fromEntries(
    read.map(({ name, value }) => [name, value]),
  );
  // Drawn without a word on the temperature means one of 1.
  const isUnsaid = draws && settings.temperature === undefined;
  return {
    settings: isUnsaid ? { ...settings, temperature: 1 } : settings,
    from: [...(draws ? ['do_sample'] : []), ...read.map(({ key }) => key)],
  };
};
