import { mostDrawnOfClass } from './class-drawing.ts';
import type { DiffusionSettings } from './diffusion-settings.ts';
import type { SettingsConflict } from './settings-conflict.ts';

type Rule = (settings: DiffusionSettings) => SettingsConflict | null;

const isWhole = (value: number, step: number): boolean => value % step === 0;

const bucketSides: Rule = ({ buckets, resolution: side }) => {
  if (buckets === null) return null;
  if (typeof side !== 'number')
    return {
      field: 'resolution',
      message:
        'is one size, and buckets have many; give the root of their area as a number, or set buckets to null',
    };
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

const drawnOfClass: Rule = ({ prior }) => {
  if (prior === null || prior.draw === null) return null;
  const field = 'prior.pictures';
  if (prior.pictures === 0)
    return { field, message: 'says how many there are to be, and missing ones are drawn; give a number' };
  if (prior.pictures > mostDrawnOfClass)
    return {
      field,
      message: `a run draws ${mostDrawnOfClass} at most; ask for fewer, or set prior.draw to null`,
    };
  const last = 2 ** 32 - prior.pictures;
  if (prior.draw.seed > last)
    return {
      field: 'prior.draw.seed',
      message: `each picture has the next seed, up to 4294967295; take ${last} or less`,
    };
  return null;
};

const rules: readonly Rule[] = [bucketSides, keptTags, timesteps, heldOutClass, drawnOfClass];

/** What is wrong between settings of a model that draws pictures, each right by itself. */
export const diffusionConflicts = (settings: DiffusionSettings | null): SettingsConflict[] =>
  settings === null
    ? []
    : rules.flatMap((rule) => {
        const found = rule(settings);
        return found === null ? [] : [{ ...found, field: `diffusion.${found.field}` }];
      });
