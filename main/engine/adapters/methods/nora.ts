import { z } from 'zod';
import { activationMatrixSchema } from '../description/activation-matrix.ts';
import type { AdapterDescription, Inner, Start } from '../description/adapter-description.ts';
import { outerSplitNames } from '../description/outer-splits.ts';
import {
  alphaField,
  calibrationFields,
  dropoutField,
  patternFields,
  rankField,
  targetingFields,
} from '../description/targeting.ts';
import { calibrationData, defineMethod, fromSource } from './method.ts';

const percent = /^(\d{1,2}(?:\.\d+)?)\s*%$/;

const schema = z.strictObject({
  method: z.literal('nora'),
  /** Of the frozen pair: a number, or a share of each matrix's smaller side ("80%"). */
  outerRank: z
    .union([rankField, z.string().regex(percent, 'expected a number or a share such as "80%"')])
    .default(128),
  innerRank: rankField.default(16),
  alpha: alphaField.default(32),
  ...patternFields,
  dropout: dropoutField,
  activationMatrix: activationMatrixSchema.default({ kind: 'mean-absolute', exponent: 0.5 }),
  ...calibrationFields,
  /** Who takes Sigma; 'dropped' is the official code's variant B. */
  split: z.enum(outerSplitNames).default('b'),
  structure: z
    .enum(['core', 'dense-core', 'parallel-a', 'parallel-b', 'output', 'dense-output', 'none'])
    .default('core'),
  /**
   * Whether the inner part starts at zero, or with all of it drawn as in the official code: by Kaiming's rule in its variant B ('official'), from the
   * standard normal distribution in its variant C ('official-normal').
   */
  innerStart: z.enum(['zero-drift', 'official', 'official-normal']).default('zero-drift'),
  scaling: z.enum(['inner-rank', 'rank', 'sqrt-rank']).default('inner-rank'),
  /** Whether the starting delta is taken from the base, so that training starts at the base's output whatever the start is. */
  residualBase: z.boolean().default(false),
  outerTrained: z.boolean().default(false),
  magnitude: z.boolean().default(false),
  vectors: z.boolean().default(false),
  /**
   * How W S is decomposed. 'exact' is the paper's, to rounding. 'randomized' is about ten times as fast and its error within
   * 1 % of the exact one's. What was written before there was a choice is exact, so that is the default.
   */
  decomposition: z.enum(['exact', 'randomized']).default('exact'),
  ...targetingFields,
});

type NoraSettings = z.output<typeof schema>;

const zeros: Start = { kind: 'zeros' };
const kaiming: Start = { kind: 'kaiming' };
const ones: Start = { kind: 'constant', value: 1 };

/** The published code holds both factors transposed; the first has PyTorch's slope for linear layers, the second its default. */
const officialStart = {
  first: { kind: 'kaiming', transposed: true },
  second: { kind: 'kaiming', transposed: true, slope: 0 },
} as const satisfies Inner['start'];

const normal: Start = { kind: 'normal', deviation: 1 };

const pairStarts: Readonly<Record<NoraSettings['innerStart'], Inner['start']>> = {
  'zero-drift': { first: kaiming, second: zeros },
  official: officialStart,
  'official-normal': { first: normal, second: normal },
};

/** A square matrix is the other factor here; the published code gives it the slope of its first. */
const denseStarts: typeof pairStarts = {
  ...pairStarts,
  official: { first: officialStart.first, second: officialStart.first },
};

const innerOf = ({ structure, innerRank, innerStart }: NoraSettings): Inner | null => {
  if (structure === 'none') return null;
  const isDense = structure === 'dense-core' || structure === 'dense-output';
  const start = (isDense ? denseStarts : pairStarts)[innerStart];
  return { structure, rank: isDense ? null : innerRank, start };
};

/** B A itself is in the delta where the inner part stands beside a factor or is missing: without a residual the start would be off the base. */
const keepsOuterProduct = ({ structure }: NoraSettings): boolean =>
  structure === 'parallel-a' || structure === 'parallel-b' || structure === 'none';

const describe = (settings: NoraSettings): AdapterDescription => {
  const { outerRank, outerTrained, residualBase, innerStart, vectors, split, decomposition } = settings;
  const { activationMatrix, alpha, scaling, rankPattern, alphaPattern, dropout } = settings;
  const share = typeof outerRank === 'string' ? Number(percent.exec(outerRank)?.[1]) / 100 : null;
  return {
    outer: {
      rank: {
        rank: share === null ? (outerRank as number) : { fraction: share },
        pattern: rankPattern,
        sharedUpTo: null,
      },
      initialisation: {
        a: fromSource,
        b: fromSource,
        source: {
          kind: 'decomposition',
          matrix: activationMatrix,
          triplets: 'largest',
          split,
          descaled: false,
          decomposition,
          calibration: calibrationData(settings),
        },
      },
      trained: { a: outerTrained, b: outerTrained },
      shared: false,
    },
    inner: innerOf(settings),
    diagonals: {
      rank: vectors ? { name: 'lambda_d', start: ones } : null,
      output: vectors ? { name: 'lambda_b', start: ones } : null,
    },
    magnitude: settings.magnitude,
    residual: residualBase || (innerStart === 'zero-drift' && keepsOuterProduct(settings)),
    scaling: { alpha, pattern: alphaPattern, divisor: scaling },
    dropout,
    learningRateRatio: 1,
    rules: [],
  };
};

/** NoRA: y = W x + s B (B' A') A x, the outer factors from an activation-aware SVD and frozen, the inner ones trained. */
export const nora = defineMethod({
  name: 'nora',
  title: 'NoRA',
  summary: 'A small LoRA nested between frozen factors of the weight, which an activation-aware SVD gives.',
  source: 'arXiv 2408.10280',
  schema,
  rankSetting: 'outerRank',
  learningRate: { millions: 1e-2, billions: 5e-4 },
  peft: null,
  describe,
});

/** Published shapes by name: what each sets, and what it is. */
export const noraPresets = {
  'zero-drift': {
    title: 'Zero drift',
    explanation:
      'Starts at the base model: the second inner factor is zero. Scaled by alpha / inner rank. The default.',
    settings: {
      split: 'b',
      structure: 'core',
      innerStart: 'zero-drift',
      scaling: 'inner-rank',
      residualBase: false,
      outerTrained: false,
      activationMatrix: { kind: 'mean-absolute', exponent: 0.5 },
    },
  },
  paper: {
    title: 'Paper',
    explanation:
      'As the paper is best read: B = U Sigma and A = V^T S^-1 with S = mean |x|, inner LoRA in series, alpha / outer rank. (What the paper starts the inner pair from is not known; here it starts at zero.)',
    settings: {
      split: 'b',
      structure: 'core',
      innerStart: 'zero-drift',
      scaling: 'rank',
      residualBase: false,
      outerTrained: false,
      activationMatrix: { kind: 'mean-absolute', exponent: 1 },
    },
  },
  'official-code': {
    title: 'Official code',
    explanation:
      'As the published code runs (variant B, serial): Sigma is dropped, both inner factors are drawn at random, so the model is moved before the first step. For reproduction.',
    settings: {
      split: 'dropped',
      structure: 'core',
      innerStart: 'official',
      scaling: 'rank',
      residualBase: false,
      outerTrained: false,
      activationMatrix: { kind: 'mean-absolute', exponent: 1 },
    },
  },
} as const satisfies Record<
  string,
  { title: string; explanation: string; settings: Partial<z.input<typeof schema>> }
>;

export type NoraPreset = keyof typeof noraPresets;
