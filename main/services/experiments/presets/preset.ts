import { z } from 'zod';
import { newAdapterSettingsSchema } from '../../../engine/adapters/settings/new-settings.ts';
import { trainingOverridesSchema } from '../../../engine/train/settings/training-overrides.ts';

/** Settings that were published: how a run trains, and its adapter. Pure: it runs in a browser too. */
export const experimentPresetSchema = z.strictObject({
  /** Stable: what files and commands call it. */
  name: z.string(),
  /** Whose settings they are: presets of one source stand together. */
  group: z.string(),
  title: z.string(),
  explanation: z.string(),
  /** The repository or publication, with its state. */
  source: z.string(),
  /** What is not as it was published, and why: a sentence each. */
  notes: z.array(z.string()),
  training: trainingOverridesSchema,
  adapter: newAdapterSettingsSchema,
});

export type ExperimentPreset = z.output<typeof experimentPresetSchema>;

/** As a file would have it: what is left out of the adapter takes its default. */
export type PresetInput = z.input<typeof experimentPresetSchema>;

/** Settings that were published and are not offered, with the reason. */
export interface RefusedPreset {
  readonly name: string;
  readonly reason: string;
}
