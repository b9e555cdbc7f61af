import type { ActivationMatrix } from '../adapters/description/activation-matrix.ts';
import type {
  AdapterDescription,
  Decomposed,
  OuterInitialisation,
} from '../adapters/description/adapter-description.ts';
import { invalidInput } from '../errors.ts';
import { leadingQr } from '../linear-algebra/leading-qr.ts';
import { multiply, transpose, type Matrix } from '../linear-algebra/matrix.ts';
import { singularValueDecomposition } from '../linear-algebra/svd.ts';
import { createRandom } from '../random.ts';
import {
  activationScale,
  awsvd,
  outerSplits,
  type AwsvdFactors,
  type AwsvdInput,
  type OuterSplit,
} from './awsvd.ts';
import type { AwsvdCache, OuterPair } from './awsvd-cache.ts';
import { coala } from './coala.ts';
import { directionLengths } from './direction-lengths.ts';
import { principalComponents } from './principal-components.ts';
import { randomizedAwsvd } from './randomized-awsvd.ts';
import type { LayerStatistics, StatisticName } from './statistics.ts';
import { matrixWeighting, type Weighting } from './weighting.ts';

/** What the outer pair of a layer is made from. */
export interface OuterInput {
  /** (outFeatures x inFeatures) */
  readonly weight: Float32Array;
  readonly outFeatures: number;
  readonly inFeatures: number;
  readonly rank: number;
  /** What the delta is multiplied by. */
  readonly scaling: number;
  /** Those that `calibrationOf` names. */
  readonly statistics: LayerStatistics;
  readonly cache: AwsvdCache | undefined;
  /** For what is drawn. */
  readonly seed: number;
  /** The weight's name, for errors. */
  readonly name: string;
}

type Doubles = Matrix<Float64Array>;

/** S as it is used. */
type Prepared =
  /** Its diagonal. */
  | { readonly kind: 'diagonal'; readonly scale: Float64Array }
  /** Its diagonal, and that of T: T W S is decomposed. */
  | { readonly kind: 'two-sided'; readonly scale: Float64Array; readonly outputs: Float64Array }
  /** A full matrix with its way back. */
  | { readonly kind: 'matrix'; readonly weighting: Weighting }
  /** R with R^T R = mean x x^T: what is decomposed is W R^T, and only its left side is used. */
  | { readonly kind: 'projection'; readonly triangle: Doubles; readonly regularisation: number }
  /** A subspace that W is restricted to. */
  | { readonly kind: 'subspace'; readonly basis: Doubles };

interface MatrixRule<K extends ActivationMatrix['kind']> {
  readonly needs: readonly StatisticName[];
  /** @param statistics in the order of `needs` */
  readonly prepare: (
    matrix: Extract<ActivationMatrix, { kind: K }>,
    statistics: readonly Float64Array[],
    input: OuterInput,
  ) => Prepared;
}

const diagonal = (scale: Float64Array): Prepared => ({ kind: 'diagonal', scale });

/** Orthonormal columns (in x rank), drawn. */
const randomBasis = ({ inFeatures, rank, seed }: OuterInput): Doubles => {
  const random = createRandom(seed);
  const data = Float64Array.from({ length: inFeatures * rank }, () => random.normal());
  return leadingQr({ rows: inFeatures, columns: rank, data }, rank).q;
};

const fullMatrix = <K extends 'cholesky' | 'eigen' | 'covariance'>(kind: K): MatrixRule<K> => ({
  needs: ['second-moment'],
  prepare: (_, [gram], { inFeatures }) => ({
    kind: 'matrix',
    weighting: matrixWeighting(kind, gram as Float64Array, inFeatures),
  }),
});

/** S from one number for each input, to a power. */
const byInput = (needs: StatisticName, size: (value: number) => number = (value) => value) => ({
  needs: [needs],
  prepare: ({ exponent }: { readonly exponent: number }, [values]: readonly Float64Array[]): Prepared =>
    diagonal(activationScale((values as Float64Array).map(size), exponent)),
});

const rootMeanSquare = (square: Float64Array | undefined): Float64Array =>
  (square as Float64Array).map((value) => Math.sqrt(value));

/** In units of their mean: gradients have any size. */
const relative = (values: Float64Array): Float64Array => {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return mean > 0 ? values.map((value) => value / mean) : values.map(() => 1);
};

const matrices: { readonly [K in ActivationMatrix['kind']]: MatrixRule<K> } = {
  none: {
    needs: [],
    prepare: (_, __, { inFeatures }) => diagonal(new Float64Array(inFeatures).fill(1)),
  },
  'mean-absolute': byInput('mean-absolute'),
  rms: byInput('mean-square', Math.sqrt),
  maximum: byInput('maximum'),
  cholesky: fullMatrix('cholesky'),
  eigen: fullMatrix('eigen'),
  covariance: fullMatrix('covariance'),
  coala: {
    needs: ['triangle'],
    prepare: ({ regularisation }, [triangle], { inFeatures }) => ({
      kind: 'projection',
      triangle: { rows: inFeatures, columns: inFeatures, data: triangle as Float64Array },
      regularisation,
    }),
  },
  // To second order a change D of W costs E[(delta^T D x)^2]; with both taken as independent, that is ||T D S||^2 for p = 1.
  'gradient-weighted': {
    needs: ['mean-square', 'gradient-mean-square'],
    prepare: ({ exponent }, [inputs, gradients]) => ({
      kind: 'two-sided',
      scale: activationScale(rootMeanSquare(inputs), exponent),
      outputs: activationScale(relative(rootMeanSquare(gradients)), exponent),
    }),
  },
  random: { needs: [], prepare: (_, __, input) => ({ kind: 'subspace', basis: randomBasis(input) }) },
  shuffled: {
    needs: ['mean-absolute'],
    prepare: ({ exponent }, [mean], { seed }) =>
      diagonal(
        Float64Array.from(createRandom(seed).shuffle([...activationScale(mean as Float64Array, exponent)])),
      ),
  },
};

const prepare = (matrix: ActivationMatrix, input: OuterInput): Prepared => {
  const { needs, prepare: make } = matrices[matrix.kind] as MatrixRule<ActivationMatrix['kind']>;
  const statistics = needs.map((name) => {
    const values = input.statistics[name];
    if (!values) throw new Error(`no ${name} of the activations for ${input.name}`);
    return values;
  });
  return make(matrix, statistics, input);
};

const algorithms: Record<
  Decomposed['decomposition'],
  (input: AwsvdInput) => AwsvdFactors | Promise<AwsvdFactors>
> = { exact: awsvd, randomized: randomizedAwsvd };

const fromDiagonal = async (
  { split, decomposition }: Decomposed,
  scale: Float64Array,
  { cache, weight, outFeatures, inFeatures, rank, name }: OuterInput,
): Promise<OuterPair> => {
  const asked: AwsvdInput = { weight, outFeatures, inFeatures, scale, rank, split, name };
  const key = cache?.keyOf(asked, decomposition);
  const found = key === undefined ? undefined : cache?.read(key, asked);
  if (found) return found;
  const { a, b } = await algorithms[decomposition](asked);
  if (key !== undefined) cache?.write(key, asked, { a, b });
  return { a, b };
};

/** B = W Q, A = Q^T: what is left of W on the subspace. */
const fromSubspace = ({ weight, outFeatures, inFeatures }: OuterInput, basis: Doubles): OuterPair => ({
  b: Float32Array.from(multiply({ rows: outFeatures, columns: inFeatures, data: weight }, basis).data),
  a: Float32Array.from(transpose(basis).data),
});

/**
 * U_k Sigma_k^b and Sigma_k^a V_k^T S^-1 of W S, for the first or the last triplets. Where S^-1 is large because nothing was there, B
 * takes over what A would have of it (`directionLengths`).
 */
const fromTriplets = (
  { triplets, split }: Decomposed,
  weighting: Weighting | null,
  { weight, outFeatures, inFeatures, rank, name }: OuterInput,
): OuterPair => {
  const plain = { rows: outFeatures, columns: inFeatures, data: Float64Array.from(weight) };
  const matrix = weighting ? weighting.apply(plain) : plain;
  const all = Math.min(outFeatures, inFeatures);
  const made = triplets === 'largest' ? rank : all;
  const { u, singularValues, vt } = singularValueDecomposition(matrix, made, name);
  const first = made - rank;
  const exponents: OuterSplit = outerSplits[split];
  const kept = singularValues.subarray(first);
  const lengths = weighting && triplets === 'largest' ? directionLengths(kept) : kept;
  const taken = (k: number): number => ((lengths[k] as number) / ((kept[k] as number) || 1)) ** exponents.b;
  const power = (k: number, exponent: number): number => (kept[k] as number) ** exponent;
  const rows = {
    rows: rank,
    columns: inFeatures,
    data: Float64Array.from(vt.subarray(first * inFeatures, (first + rank) * inFeatures), (value, at) => {
      const k = Math.floor(at / inFeatures);
      return (value * power(k, exponents.a)) / taken(k);
    }),
  };
  return {
    b: Float32Array.from({ length: outFeatures * rank }, (_, at) => {
      const [row, k] = [Math.floor(at / rank), at % rank];
      return (u[row * made + first + k] as number) * power(k, exponents.b) * taken(k);
    }),
    a: Float32Array.from((weighting ? weighting.undo(rows) : rows).data),
  };
};

/** T W S decomposed as W S is: B loses T again. */
const fromBothSides = async (
  decomposed: Decomposed,
  { scale, outputs }: Extract<Prepared, { kind: 'two-sided' }>,
  input: OuterInput,
): Promise<OuterPair> => {
  const { inFeatures, rank } = input;
  const weight = input.weight.map((value, at) => value * outputs[Math.floor(at / inFeatures)]!);
  const { a, b } = await fromDiagonal(decomposed, scale, { ...input, weight });
  return { a, b: b.map((value, at) => value / outputs[Math.floor(at / rank)]!) };
};

const makers: {
  readonly [K in Prepared['kind']]: (
    decomposed: Decomposed,
    prepared: Extract<Prepared, { kind: K }>,
    input: OuterInput,
  ) => Promise<OuterPair> | OuterPair;
} = {
  diagonal: (decomposed, { scale }, input) => fromDiagonal(decomposed, scale, input),
  'two-sided': fromBothSides,
  matrix: (decomposed, { weighting }, input) => fromTriplets(decomposed, weighting, input),
  projection: ({ split }, { triangle, regularisation }, input) =>
    coala({ ...input, triangle, regularisation, split }),
  subspace: (_, { basis }, input) => fromSubspace(input, basis),
};

const decompose = async (decomposed: Decomposed, input: OuterInput): Promise<OuterPair> => {
  const { matrix, triplets } = decomposed;
  if (matrix.kind === 'none' && triplets === 'smallest') return fromTriplets(decomposed, null, input);
  const prepared = prepare(matrix, input);
  const make = makers[prepared.kind] as (
    decomposed: Decomposed,
    prepared: Prepared,
    input: OuterInput,
  ) => Promise<OuterPair> | OuterPair;
  return make(decomposed, prepared, input);
};

type Make<K extends OuterInitialisation['kind']> = (
  initialisation: Extract<OuterInitialisation, { kind: K }>,
  input: OuterInput,
) => Promise<OuterPair> | OuterPair | null;

const starts: { readonly [K in OuterInitialisation['kind']]: Make<K> } = {
  drawn: () => null,
  decomposition: async (decomposed, input) => {
    const pair = await decompose(decomposed, input);
    if (!decomposed.descaled) return pair;
    // scaling * B A is then the part of W that B A would be.
    const share = 1 / Math.sqrt(input.scaling);
    return { a: pair.a.map((value) => value * share), b: pair.b.map((value) => value * share) };
  },
  qr: (_, { weight, outFeatures, inFeatures, rank }) => {
    const { q, r } = leadingQr({ rows: outFeatures, columns: inFeatures, data: weight }, rank);
    return { a: Float32Array.from(r.data), b: Float32Array.from(q.data) };
  },
  'principal-components': (_, { statistics, inFeatures, outFeatures, rank, name }) => ({
    a: principalComponents(statistics, inFeatures, rank, name).components,
    b: new Float32Array(outFeatures * rank),
  }),
};

/** The outer pair of a layer where its initialisation gives one; null where both are drawn. */
export const outerPair = async (
  { outer: { initialisation } }: AdapterDescription,
  input: OuterInput,
): Promise<OuterPair | null> => {
  const make = starts[initialisation.kind] as Make<OuterInitialisation['kind']>;
  const pair = await make(initialisation, input);
  if (pair && ![pair.a, pair.b].every((values) => values.every(Number.isFinite)))
    throw invalidInput(
      `${input.name}: its factors do not fit fp32, as its weight, or what its inputs were on the calibration data, is too small or too large; the activation matrix 'none' does without inputs`,
    );
  return pair;
};

export interface Calibration {
  readonly statistics: readonly StatisticName[];
  readonly batches: number;
  readonly firstTokenCounts: boolean;
  readonly tokens: 'all' | 'labelled';
}

/** Statistics of the layers' inputs that an adapter starts from, and what they are taken over. */
export const calibrationOf = ({ outer: { initialisation } }: AdapterDescription): Calibration => {
  if (initialisation.kind === 'principal-components') {
    const { calibrationBatches: batches, firstTokenCounts, tokens } = initialisation;
    return { statistics: ['mean', 'second-moment'], batches, firstTokenCounts, tokens };
  }
  const none: Calibration = { statistics: [], batches: 0, firstTokenCounts: true, tokens: 'all' };
  if (initialisation.kind !== 'decomposition') return none;
  const { matrix, calibrationBatches: batches, firstTokenCounts } = initialisation;
  const statistics = matrices[matrix.kind].needs;
  return statistics.length === 0 ? none : { statistics, batches, firstTokenCounts, tokens: 'all' };
};
