import type { z } from 'zod';
import type {
  AdapterDescription,
  CalibrationData,
  Decomposed,
  Pattern,
  ScalingDivisor,
  Source,
} from '../description/adapter-description.ts';

/** The forms that PEFT's adapters are read and written in, by its peft_type. */
export const peftTypes = ['LORA', 'VERA', 'ADALORA'] as const;
export type PeftType = (typeof peftTypes)[number];

/** What PEFT calls a method. */
export interface PeftName {
  readonly type: PeftType;
  /** By which a LoRA's configuration is this method's: it is written with one of them, and known by it. */
  readonly flags?: {
    readonly use_dora?: true;
    readonly use_rslora?: true;
    readonly init_lora_weights?: string;
  };
}

/**
 * Learning rates that a method works at, by the size of the model: a larger one bears smaller steps. Where a form starts from, no more:
 * the best rate depends on the data and the length of the run, so a comparison tunes it.
 */
export interface UsualRates {
  /** On the sample, a model of two million parameters: tried (docs/measurements.md). */
  readonly millions: number;
  /** On models of seven billion: as published with the method, or with its nearest relative. */
  readonly billions: number;
}

/** One point of the design space: what a person may set, and what it means. */
export interface Method<Name extends string, Shape extends { method: z.ZodLiteral<Name> }> {
  readonly name: Name;
  /** As the field writes it. */
  readonly title: string;
  /** One sentence for forms and tables: what is special about it. */
  readonly summary: string;
  readonly source: string;
  readonly schema: z.ZodObject<Shape, z.core.$strict>;
  /** The setting whose rank has to fit into a weight matrix; null where there is none. */
  readonly rankSetting: string | null;
  readonly learningRate: UsualRates;
  /** PEFT's way to say it; null where PEFT has no such method. */
  readonly peft: PeftName | null;
  /** What its settings are where the ranks of layers are settled: shared out, or those of an adapter that comes trained. */
  readonly settled?: Readonly<Record<string, unknown>>;
  readonly describe: (settings: z.output<z.ZodObject<Shape, z.core.$strict>>) => AdapterDescription;
}

export const defineMethod = <Name extends string, Shape extends { method: z.ZodLiteral<Name> }>(
  method: Method<Name, Shape>,
): Method<Name, Shape> => method;

interface LoraSettings {
  readonly rank: number;
  readonly alpha: number;
  readonly rankPattern: Pattern;
  readonly alphaPattern: Pattern;
  readonly dropout: number;
}

/** LoRA itself: what most methods differ from in a line or two. */
export const loraDescription = (
  { rank, alpha, rankPattern, alphaPattern, dropout }: LoraSettings,
  divisor: ScalingDivisor = 'rank',
): AdapterDescription => ({
  outer: {
    rank: { rank, pattern: rankPattern, sharedUpTo: null },
    initialisation: { a: { kind: 'kaiming' }, b: { kind: 'zeros' }, source: null },
    trained: { a: true, b: true },
    shared: false,
  },
  inner: null,
  diagonals: { rank: null, output: null },
  magnitude: false,
  residual: false,
  scaling: { alpha, pattern: alphaPattern, divisor },
  dropout,
  learningRateRatio: 1,
  rules: [],
});

/** Of a factor that is a part of the source. */
export const fromSource = { kind: 'source' } as const;

/** LoRA whose factors start as a part of W, which the base gives up. */
export const residualDescription = (settings: LoraSettings, source: Source): AdapterDescription => {
  const lora = loraDescription(settings);
  const initialisation = { a: fromSource, b: fromSource, source };
  return { ...lora, outer: { ...lora.outer, initialisation }, residual: true };
};

interface CalibrationSettings {
  readonly calibrationBatches: number;
  readonly firstTokenCounts: boolean;
}

export const calibrationData = (
  { calibrationBatches: batches, firstTokenCounts }: CalibrationSettings,
  tokens: CalibrationData['tokens'] = 'all',
): CalibrationData => ({ batches, firstTokenCounts, tokens });

/** A plain singular value decomposition, each side with the root of Sigma. */
export const plainDecomposition: Decomposed = {
  kind: 'decomposition',
  matrix: { kind: 'none' },
  triplets: 'largest',
  split: 'square-root',
  descaled: true,
  decomposition: 'exact',
  calibration: { batches: 0, firstTokenCounts: true, tokens: 'all' },
};
