import type {
  AdapterDescription,
  InnerStructure,
  OuterStart,
  ScalingDivisor,
  Start,
} from '../description/adapter-description.ts';
import { matchPattern } from '../description/patterns.ts';
import type { LayerPlace } from '../../models/architecture.ts';

/** One matrix of an adapter at one layer; a vector where it stands for a diagonal. */
export interface Factor {
  /** Name in the saved adapter, after the module's path. */
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  /** Only the diagonal is there: `rows` numbers. */
  readonly diagonal: boolean;
  readonly trained: boolean;
  /** One for all layers of this size. */
  readonly shared: boolean;
  readonly learningRateRatio: number;
  readonly start: FactorStart;
}

export type FactorStart =
  | Start
  /** Its part of the source of the outer initialisation. */
  | { readonly kind: 'source'; readonly part: 'a' | 'b' }
  /** What a side is before the first step. */
  | { readonly kind: 'side'; readonly side: 'left' | 'right' }
  /** Of the rows of W, squared; of W with the starting delta. */
  | { readonly kind: 'squared-row-norms' }
  | { readonly kind: 'row-norms' };

/** A sum of products, each from the output to the input. */
export type Side = readonly (readonly Factor[])[];

/** An adapter at one layer: delta W = scaling * (left right - residual), then rows brought to the lengths of `magnitude`. */
export interface LayerAdapter {
  /** (out x rank) */
  readonly left: Side;
  /** (rank x in) */
  readonly right: Side;
  /** Width at the cut between the sides, the narrowest place. */
  readonly rank: number;
  readonly scaling: number;
  readonly residual: { readonly left: Factor; readonly right: Factor } | null;
  readonly magnitude: { readonly lengths: Factor; readonly squaredNorms: Factor } | null;
}

const dense = (
  name: string,
  rows: number,
  columns: number,
  start: FactorStart,
  { trained = true, shared = false, learningRateRatio = 1 } = {},
): Factor => ({ name, rows, columns, diagonal: false, trained, shared, learningRateRatio, start });

const vector = (name: string, size: number, start: FactorStart, trained = true): Factor => ({
  ...dense(name, size, size, start, { trained }),
  diagonal: true,
});

/** Rank of the outer pair at a layer. */
export const outerRank = (
  { rank: { rank, pattern } }: AdapterDescription['outer'],
  { module, outFeatures, inFeatures }: LayerPlace,
): number =>
  matchPattern(pattern, module) ??
  (typeof rank === 'number' ? rank : Math.floor(rank.fraction * Math.min(outFeatures, inFeatures)));

interface Ranks {
  readonly outer: number;
  readonly inner: number | null;
}

const divisors: { readonly [D in ScalingDivisor]: (ranks: Ranks, alpha: number) => number } = {
  rank: ({ outer }) => outer,
  'sqrt-rank': ({ outer }) => Math.sqrt(outer),
  'inner-rank': ({ outer, inner }) => inner ?? outer,
  'rank-and-epsilon': ({ outer }) => outer + 1e-5,
  alpha: (_, alpha) => alpha,
};

const scalingAt = ({ scaling }: AdapterDescription, module: string, ranks: Ranks): number => {
  const alpha = matchPattern(scaling.pattern, module) ?? scaling.alpha;
  return alpha / divisors[scaling.divisor](ranks, alpha);
};

/** PEFT starts a drawn pair of an embedding the other way round: A zero, B drawn. An A that stays as it is drawn cannot be the zero one. */
const outerStarts = (
  { initialisation: { a, b, source }, trained }: AdapterDescription['outer'],
  { role }: LayerPlace,
): { readonly a: FactorStart; readonly b: FactorStart } =>
  role === 'embedding' && source === null && trained.a && b.kind === 'zeros'
    ? { a: { kind: 'zeros' }, b: { kind: 'normal', deviation: 1 } }
    : { a: startOf('a', a), b: startOf('b', b) };

const startOf = (part: 'a' | 'b', start: OuterStart): FactorStart =>
  start.kind === 'source' ? { ...start, part } : start;

interface Parts {
  readonly outFeatures: number;
  readonly inFeatures: number;
  readonly outerRank: number;
  /** B with the diagonals around it. */
  readonly b: readonly Factor[];
  readonly a: Factor;
  readonly inner: (name: string, rows: number, columns: number) => Factor;
}

type Sides = Pick<LayerAdapter, 'left' | 'right' | 'rank'>;

const structures: { readonly [S in InnerStructure]: (parts: Parts, rank: number) => Sides } = {
  core: ({ outerRank, b, a, inner }, rank) => ({
    left: [[...b, inner('inner_B', outerRank, rank)]],
    right: [[inner('inner_A', rank, outerRank), a]],
    rank,
  }),
  'dense-core': ({ outerRank, b, a, inner }) => ({
    left: [b],
    right: [[inner('inner_R', outerRank, outerRank), a]],
    rank: outerRank,
  }),
  'parallel-a': ({ outerRank, inFeatures, b, a, inner }, rank) => ({
    left: [b],
    right: [[a], [inner('inner_B', outerRank, rank), inner('inner_A', rank, inFeatures)]],
    rank: outerRank,
  }),
  'parallel-b': ({ outerRank, outFeatures, b, a, inner }, rank) => ({
    left: [b, [inner('inner_B', outFeatures, rank), inner('inner_A', rank, outerRank)]],
    right: [[a]],
    rank: outerRank,
  }),
  output: ({ outFeatures, b, a, inner }, rank) => ({
    left: [[inner('inner_B', outFeatures, rank)]],
    right: [[inner('inner_A', rank, outFeatures), ...b, a]],
    rank,
  }),
  'dense-output': ({ outFeatures, outerRank, b, a, inner }) => ({
    left: [[inner('inner_R', outFeatures, outFeatures), ...b]],
    right: [[a]],
    rank: outerRank,
  }),
};

/** What a description is at one layer. */
export const layerAdapter = (description: AdapterDescription, place: LayerPlace): LayerAdapter => {
  const { outer, inner, diagonals, learningRateRatio } = description;
  const { module, outFeatures, inFeatures } = place;
  const rank = outerRank(outer, place);
  const starts = outerStarts(outer, place);
  const { shared } = outer;
  const a = dense('lora_A', rank, inFeatures, starts.a, { trained: outer.trained.a, shared });
  const b = [
    ...(diagonals.output ? [vector(diagonals.output.name, outFeatures, diagonals.output.start)] : []),
    dense('lora_B', outFeatures, rank, starts.b, { trained: outer.trained.b, shared, learningRateRatio }),
    ...(diagonals.rank ? [vector(diagonals.rank.name, rank, diagonals.rank.start)] : []),
  ];
  const innerFactor: Parts['inner'] = (name, rows, columns) =>
    name === 'inner_A'
      ? dense(name, rows, columns, inner!.start.first)
      : dense(name, rows, columns, inner!.start.second, { learningRateRatio });
  const sides = inner
    ? structures[inner.structure](
        { outFeatures, inFeatures, outerRank: rank, b, a, inner: innerFactor },
        inner.rank ?? rank,
      )
    : { left: [b], right: [[a]], rank };
  const frozen = { trained: false };
  return {
    ...sides,
    scaling: scalingAt(description, module, { outer: rank, inner: inner?.rank ?? null }),
    residual: description.residual
      ? {
          left: dense('residual_B', outFeatures, sides.rank, { kind: 'side', side: 'left' }, frozen),
          right: dense('residual_A', sides.rank, inFeatures, { kind: 'side', side: 'right' }, frozen),
        }
      : null,
    magnitude: description.magnitude
      ? {
          lengths: vector('magnitude', outFeatures, { kind: 'row-norms' }),
          squaredNorms: vector('squared_norms', outFeatures, { kind: 'squared-row-norms' }, false),
        }
      : null,
  };
};

/** All matrices and vectors, in the order in which they are drawn. */
export const allFactors = ({ left, right, residual, magnitude }: LayerAdapter): Factor[] => [
  ...left.flat(),
  ...right.flat(),
  ...(residual ? [residual.left, residual.right] : []),
  ...(magnitude ? [magnitude.lengths, magnitude.squaredNorms] : []),
];

/** As it is stored: (rows x columns), or the diagonal. */
export const factorShape = ({ rows, columns, diagonal }: Factor): readonly number[] =>
  diagonal ? [rows] : [rows, columns];

export const factorKey = (module: string, { name, rows, columns, shared }: Factor): string =>
  shared ? `shared.${name}.${rows}x${columns}` : `${module}.${name}`;

/** Every factor's numbers, row-major, by `factorKey`: in memory, or read when asked for. */
export type FactorValues = Pick<ReadonlyMap<string, Float32Array>, 'get'>;

/** Whether the delta is zero before the first step: a residual takes it away, or every product of a side has a factor of zeros. */
export const startsAtBase = ({ left, right, residual }: LayerAdapter): boolean =>
  residual !== null ||
  [left, right].some((side) => side.every((factors) => factors.some(({ start }) => start.kind === 'zeros')));

/** Numbers that an adapter trains at a layer. */
export const trainedAt = (layer: LayerAdapter): number =>
  allFactors(layer)
    .filter(({ trained }) => trained)
    .reduce((sum, factor) => sum + factorShape(factor).reduce((a, b) => a * b, 1), 0);
