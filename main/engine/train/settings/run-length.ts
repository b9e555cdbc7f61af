import { z } from 'zod';
import { invalidInput } from '../../errors.ts';
import type { PictureSettings } from './picture-settings.ts';

/** What the length of a run is given in. */
export const lengthUnits = ['steps', 'epochs', 'maxTokens', 'stepsPerShot'] as const;

export type LengthUnit = (typeof lengthUnits)[number];

export const mostEpochs = 10_000;

/** Settings of the length, of which a run has exactly one. */
export const lengthFields = {
  /** Optimizer steps. */
  steps: z.int().min(1).max(10_000_000).optional(),
  /** Passes over the training rows. The last step takes what is left of the last pass. */
  epochs: z.int().min(1).max(mostEpochs).optional(),
  /** The run ends after the first step at which it has seen at least so many tokens, padding not counted. */
  maxTokens: z.int().min(1).optional(),
  /** Optimizer steps for each of the pictures that are drawn of a class, as published protocols count them: 500 of 4 shots are 2,000. */
  stepsPerShot: z.int().min(1).max(100_000).optional(),
};

type LengthSettings = z.output<z.ZodObject<typeof lengthFields>>;

/** How long a run is where nothing is said. */
const defaultLength = { steps: 100 };

export const givenUnits = (settings: LengthSettings): LengthUnit[] =>
  lengthUnits.filter((unit) => settings[unit] !== undefined);

export const withLength = <S extends LengthSettings>(settings: S): S =>
  givenUnits(settings).length === 0 ? { ...settings, ...defaultLength } : settings;

export interface RunLength {
  readonly unit: LengthUnit;
  readonly count: number;
}

/** Of settings that have one. */
export const lengthOf = (settings: LengthSettings): RunLength => {
  const { steps } = defaultLength;
  const [unit = 'steps'] = givenUnits(settings);
  return { unit, count: settings[unit] ?? steps };
};

/** What a run's rows are counted by: of shots the number is known without them. */
export type CountedLength = RunLength & { readonly unit: Exclude<LengthUnit, 'stepsPerShot'> };

type ShotSettings = LengthSettings & { readonly pictures: Pick<PictureSettings, 'shots'> | null };

/**
 * The length with steps in the place of steps a shot.
 * @throws invalid-input where no shots are drawn
 */
export const countedLength = (settings: ShotSettings): CountedLength => {
  const { unit, count } = lengthOf(settings);
  if (unit !== 'stepsPerShot') return { unit, count };
  const shots = settings.pictures?.shots ?? 'all';
  if (shots === 'all') throw invalidInput(`training.stepsPerShot: ${withoutShots}`);
  return { unit: 'steps', count: count * shots };
};

/** Why there can be no number of steps a shot. */
export const withoutShots =
  'no shots are drawn; give training.pictures.shots as a number, or the length in steps or epochs';

/** Steps of the run, as far as the settings alone tell: of epochs and tokens they are counted from the rows, and null here. */
export const knownSteps = (settings: ShotSettings): number | null => {
  const { unit, count } = countedLength(settings);
  return unit === 'steps' ? count : null;
};

const nouns: { readonly [U in LengthUnit]: readonly [one: string, many: string] } = {
  steps: ['step', 'steps'],
  epochs: ['epoch', 'epochs'],
  maxTokens: ['token', 'tokens'],
  stepsPerShot: ['step a shot', 'steps a shot'],
};

/** `50 steps`, `1 epoch`, `2,000,000 tokens` */
export const lengthText = (settings: LengthSettings): string => {
  const { unit, count } = lengthOf(settings);
  return `${count.toLocaleString('en-US')} ${nouns[unit][count === 1 ? 0 : 1]}`;
};
