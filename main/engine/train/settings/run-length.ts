import { z } from 'zod';

/** What the length of a run is given in. */
export const lengthUnits = ['steps', 'epochs', 'maxTokens'] as const;

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

const nouns: { readonly [U in LengthUnit]: readonly [one: string, many: string] } = {
  steps: ['step', 'steps'],
  epochs: ['epoch', 'epochs'],
  maxTokens: ['token', 'tokens'],
};

/** `50 steps`, `1 epoch`, `2,000,000 tokens` */
export const lengthText = (settings: LengthSettings): string => {
  const { unit, count } = lengthOf(settings);
  return `${count.toLocaleString('en-US')} ${nouns[unit][count === 1 ? 0 : 1]}`;
};
