import { bucketSettingsSchema, framingShape, type Resolution } from '../../data/pictures/buckets/framing.ts';
import { sideProblem, sizeProblems } from '../../diffusion/drawn-sides.ts';
import { invalidInput } from '../../errors.ts';
import type { SettingsConflict } from './settings-conflict.ts';

type AskedSize = Parameters<typeof sizeProblems>[0];

/** Settings, or what was given of them so far. */
interface Sized {
  readonly resolution?: Resolution | undefined;
  readonly buckets?: { readonly step?: number | undefined } | null | undefined;
  readonly samples?: AskedSize | null | undefined;
  readonly prior?: { readonly draw?: AskedSize | null | undefined } | null | undefined;
}

const within = (field: string, problems: ReturnType<typeof sizeProblems>): SettingsConflict[] =>
  problems.map((one) => ({ field: `${field}.${one.field}`, message: one.message }));

const ofOne = (field: string, side: number, multipleOf: number): SettingsConflict[] => {
  const message = sideProblem(side, multipleOf);
  return message === null ? [] : [{ field, message }];
};

/** What pictures are trained on: one size, or sizes whose sides are multiples of a step. */
const ofTraining = ({ resolution: given, buckets = null }: Sized, multipleOf: number): SettingsConflict[] => {
  if (buckets !== null) {
    const step = bucketSettingsSchema.shape.step.safeParse(buckets.step).data;
    return step === undefined ? [] : ofOne('buckets.step', step, multipleOf);
  }
  const resolution = framingShape.resolution.safeParse(given).data;
  if (resolution === undefined) return [];
  return typeof resolution === 'number'
    ? ofOne('resolution', resolution, multipleOf)
    : within('resolution', sizeProblems(resolution, multipleOf));
};

/**
 * Sides that a model can't be trained on or draw, by their fields within `training.diffusion`. Pure: forms ask it too.
 * @param multipleOf pixels that every side is a multiple of
 */
export const drawnSideConflicts = (settings: Sized, multipleOf: number): SettingsConflict[] => [
  ...ofTraining(settings, multipleOf),
  ...within('samples', sizeProblems(settings.samples ?? {}, multipleOf)),
  ...within('prior.draw', sizeProblems(settings.prior?.draw ?? {}, multipleOf)),
];

/** @throws invalid-input naming the field */
export const checkDrawnSides = (settings: Sized, multipleOf: number): void => {
  const [first] = drawnSideConflicts(settings, multipleOf);
  if (first) throw invalidInput(`training.diffusion.${first.field}: ${first.message}`);
};
