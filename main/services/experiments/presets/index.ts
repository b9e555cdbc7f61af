import { invalidInput, WorkbenchError } from '../../../engine/errors.ts';
import { checked } from '../../../engine/problems.ts';
import { instead } from '../../../engine/suggestions.ts';
import { clipLora } from './clip-lora.ts';
import { drawingPresets } from './drawing.ts';
import { noraPaper } from './nora-paper.ts';
import { officialPresets, refusedOfficial } from './nora-official.ts';
import { experimentPresetSchema, type ExperimentPreset, type RefusedPreset } from './preset.ts';

/** Every preset, in the order of menus. A new one is an entry. */
export const experimentPresets: readonly ExperimentPreset[] = [
  clipLora,
  noraPaper,
  ...officialPresets,
  ...drawingPresets,
].map((preset) => checked(experimentPresetSchema, preset, `preset ${preset.name}`));

/** What was published and is not offered, each with its reason. */
export const refusedPresets: readonly RefusedPreset[] = refusedOfficial;

/**
 * @throws unsupported with the reason, for one that was published and can't be reproduced
 * @throws invalid-input for a name that there is not
 */
export const findPreset = (name: string): ExperimentPreset => {
  const found = experimentPresets.find((preset) => preset.name === name);
  if (found) return found;
  const refused = refusedPresets.find((preset) => preset.name === name);
  if (refused) throw new WorkbenchError('unsupported', `preset: ${name} is not offered: ${refused.reason}`);
  const names = experimentPresets.map((preset) => preset.name);
  throw invalidInput(`preset: there is no ${JSON.stringify(name)}${instead(name, names)}`);
};
