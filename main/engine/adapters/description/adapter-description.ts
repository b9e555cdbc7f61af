import type { ActivationMatrix } from './activation-matrix.ts';
import type { OuterSplitName } from './outer-splits.ts';

/**
 * The design space of low-rank adapters. At a layer y = W x the delta is scaling * L R, where L and R multiply out what the
 * description names: an outer pair B (out x r) and A (r x in), diagonals at its ends, and an inner part nested into it. A method is one
 * point, as data; factors, delta, merge, parameter count, start and export follow from it (`layer-adapter.ts`, `fold.ts`).
 */
export interface AdapterDescription {
  readonly outer: Outer;
  readonly inner: Inner | null;
  /** diag(b) B diag(d) A: vectors (VeRA's lambdas, AdaLoRA's singular values). */
  readonly diagonals: Diagonals;
  /** DoRA: the rows of W + delta are brought to trained lengths. */
  readonly magnitude: boolean;
  /** The start's delta is subtracted for good, so that training starts at the base model's output although the factors are not zero. */
  readonly residual: boolean;
  readonly scaling: Scaling;
  readonly dropout: number;
  /** Learning rate of B and of what is left of the cut, in units of the others' (LoRA+). */
  readonly learningRateRatio: number;
  /** What changes gradients or parameters around the optimizer. */
  readonly rules: readonly TrainingRule[];
}

export interface Outer {
  readonly rank: RankRule;
  readonly initialisation: OuterInitialisation;
  readonly trained: { readonly a: boolean; readonly b: boolean };
  /** One pair for all layers, cut to each layer's size (VeRA). */
  readonly shared: boolean;
}

/** A number, or a share of the layer's smaller side; other ranks for modules that a pattern names (PEFT's rank_pattern). */
export interface RankRule {
  readonly rank: number | { readonly fraction: number };
  readonly pattern: Pattern;
  /** Layers share their ranks by what their inputs' main directions explain, each at most so many times its own (EVA); null: they keep them. */
  readonly sharedUpTo: number | null;
}

/** Regular expressions of module names, PEFT's rule: the first that is the whole name or its end from a dot on. */
export type Pattern = Readonly<Record<string, number>>;

/** What A and B start as, each by itself. */
export interface OuterInitialisation {
  readonly a: OuterStart;
  readonly b: OuterStart;
  /** What factors that are not drawn are parts of: one decomposition for both. Null where both are drawn. */
  readonly source: Source | null;
}

/** Drawn, or the part of the source that is this factor's. */
export type OuterStart = Start | { readonly kind: 'source' };

/** What is taken apart: W, or the layer's inputs. */
export type Source = Decomposed | Orthogonalised | PrincipalComponents;

/** Some of the triplets of W S = U Sigma V^T: U is B's, V^T S^-1 is A's. */
export interface Decomposed {
  readonly kind: 'decomposition';
  readonly matrix: ActivationMatrix;
  /** Those of the largest singular values, or of the smallest. */
  readonly triplets: 'largest' | 'smallest';
  /** Who takes Sigma: B, A, each its root, or nobody. */
  readonly split: OuterSplitName;
  /** Whether scaling * B A is that part of W, rather than B A. */
  readonly descaled: boolean;
  readonly decomposition: 'exact' | 'randomized';
  readonly calibration: CalibrationData;
}

/** W = Q R: the first columns of Q are B's, the first rows of R are A's (OLoRA). */
export interface Orthogonalised {
  readonly kind: 'qr';
}

/** The main directions of the layer's inputs around their mean, which are A's (EVA). They say nothing of B. */
export interface PrincipalComponents {
  readonly kind: 'principal-components';
  readonly calibration: CalibrationData;
}

/** What statistics of activations are taken over, where a source has use for any. */
export interface CalibrationData {
  readonly batches: number;
  /** Whether each row's first token counts. */
  readonly firstTokenCounts: boolean;
  readonly tokens: 'all' | 'labelled';
}

/**
 * How numbers are drawn. Kaiming: uniform within sqrt(6 / ((1 + slope^2) columns)); without a slope as PyTorch's linear layers, within
 * 1 / sqrt(columns). Of the transposed matrix: rows in the place of columns.
 */
export type Start =
  | { readonly kind: 'zeros' }
  /** Uniform; a slope of sqrt(5) where absent, as linear layers start. */
  | { readonly kind: 'kaiming'; readonly slope?: number; readonly transposed?: true }
  | { readonly kind: 'normal'; readonly deviation: number }
  | { readonly kind: 'constant'; readonly value: number };

export interface Inner {
  readonly structure: InnerStructure;
  /** null where the structure has none of its own. */
  readonly rank: number | null;
  /** Of the factor nearer to the input, and of the other; a dense one is the other. */
  readonly start: { readonly first: Start; readonly second: Start };
}

/**
 * Where the inner part sits. core: B (B' A') A. dense-core: B R A. parallel-a: B (A + B' A'). parallel-b: (B + B' A') A.
 * output: B' A' B A. dense-output: R B A.
 */
export type InnerStructure = 'core' | 'dense-core' | 'parallel-a' | 'parallel-b' | 'output' | 'dense-output';

export interface Diagonals {
  /** Between B and A. */
  readonly rank: { readonly name: 'lambda_d' | 'lora_E'; readonly start: Start } | null;
  /** Left of B. */
  readonly output: { readonly name: 'lambda_b'; readonly start: Start } | null;
}

export interface Scaling {
  readonly alpha: number;
  readonly pattern: Pattern;
  readonly divisor: ScalingDivisor;
}

/** What alpha is divided by; 'alpha' gives 1. */
export type ScalingDivisor = 'rank' | 'sqrt-rank' | 'inner-rank' | 'rank-and-epsilon' | 'alpha';

export type TrainingRule =
  /** B's gradient times (A A^T)^-1 / scaling^2, A frozen (LoRA-FA). */
  | { readonly kind: 'precondition-b' }
  /** weight * mean over A and B of ||P P^T - I||_F is added to the loss (AdaLoRA). */
  | { readonly kind: 'orthogonality'; readonly weight: number }
  /** Singular values of least importance are set to zero until so many a layer are left on average (AdaLoRA). */
  | {
      readonly kind: 'rank-allocation';
      readonly targetRank: number;
      readonly initialSteps: number;
      readonly finalSteps: number;
      readonly everySteps: number;
      readonly beta1: number;
      readonly beta2: number;
    };
