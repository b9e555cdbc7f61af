import type { DiffusionSettings } from './diffusion-settings.ts';
import type { SettingsConflict } from './settings-conflict.ts';

type Rule = (settings: DiffusionSettings) => SettingsConflict | null;

const isWhole = (value: number, step: number): boolean => value % step === 0;

const bucketSides: Rule = ({ buckets, resolution: side }) => {
  if (buckets === null) return null;
  const { step, smallest, largest } = buckets;
  const uneven = (['smallest', 'largest'] as const).find((name) => !isWhole(buckets[name], step));
  if (uneven)
    return { field: `buckets.${uneven}`, message: `${buckets[uneven]} is no multiple of the step, ${step}` };
  if (smallest > side)
    return { field: 'buckets.smallest', message: `${smallest} is more than resolution ${side}` };
  if (largest < side)
    return { field: 'buckets.largest', message: `${largest} is less than resolution ${side}` };
  return null;
};

const keptTags: Rule = ({ keepTags, shuffleTags }) =>
  keepTags > 0 && !shuffleTags
    ? {
        field: 'keepTags',
        message: 'says which tags stay where others are shuffled; set shuffleTags, or this to 0',
      }
    : null;

const timesteps: Rule = ({ timesteps: range }) =>
  range !== null && range.from >= range.to
    ? { field: 'timesteps.to', message: `${range.to} leaves none from ${range.from} on; give a larger one` }
    : null;

const heldOutClass: Rule = ({ heldOut, prior }) =>
  heldOut === 'class' && prior === null
    ? {
        field: 'heldOut',
        message: 'measures pictures of the class, and prior is null; give prior, or measure on the subject',
      }
    : null;

const rules: readonly Rule[] = [bucketSides, keptTags, timesteps, heldOutClass];

/** What is wrong between settings of a model that draws pictures, each right by itself. */
export const diffusionConflicts = (settings: DiffusionSettings | null): SettingsConflict[] =>
  settings === null
    ? []
    : rules.flatMap((rule) => {
        const found = rule(settings);
        return found === null ? [] : [{ ...found, field: `diffusion.${found.field}` }];
      });
