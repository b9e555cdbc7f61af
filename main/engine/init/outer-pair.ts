import type { ActivationMatrix } from '../adapters/activation-matrix.ts';
import type { AdapterDescription, Decomposed, OuterInitialisation } from '../adapters/adapter-description.ts';
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
  /** Those that `neededStatistics` names. */
  readonly statistics: LayerStatistics;
  readonly cache: AwsvdCache | undefined;
  /** For what is drawn. */
  readonly seed: number;
  /** The weight's name, for errors. */
  readonly name: string;
}

type Doubles = Matrix<Float64Array>;

/** S as it is used: its diagonal, a full matrix with its way back, or a subspace that W is restricted to. */
type Prepared =
  | { readonly kind: 'diagonal'; readonly scale: Float64Array }
  | { readonly kind: 'matrix'; readonly weighting: Weighting }
  | { readonly kind: 'subspace'; readonly basis: Doubles };

interface MatrixRule<K extends ActivationMatrix['kind']> {
  readonly needs: StatisticName | null;
  readonly prepare: (
    matrix: Extract<ActivationMatrix, { kind: K }>,
    statistic: Float64Array,
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
  needs: 'second-moment',
  prepare: (_, gram, { inFeatures }) => ({
    kind: 'matrix',
    weighting: matrixWeighting(kind, gram, inFeatures),
  }),
});

const matrices: { readonly [K in ActivationMatrix['kind']]: MatrixRule<K> } = {
  none: {
    needs: null,
    prepare: (_, __, { inFeatures }) => diagonal(new Float64Array(inFeatures).fill(1)),
  },
  'mean-absolute': {
    needs: 'mean-absolute',
    prepare: ({ exponent }, mean) => diagonal(activationScale(mean, exponent)),
  },
  rms: {
    needs: 'mean-square',
    prepare: ({ exponent }, square) => diagonal(activationScale(square.map(Math.sqrt), exponent)),
  },
  maximum: {
    needs: 'maximum',
    prepare: ({ exponent }, largest) => diagonal(activationScale(largest, exponent)),
  },
  cholesky: fullMatrix('cholesky'),
  eigen: fullMatrix('eigen'),
  covariance: fullMatrix('covariance'),
  random: { needs: null, prepare: (_, __, input) => ({ kind: 'subspace', basis: randomBasis(input) }) },
  shuffled: {
    needs: 'mean-absolute',
    prepare: ({ exponent }, mean, { seed }) =>
      diagonal(Float64Array.from(createRandom(seed).shuffle([...activationScale(mean, exponent)]))),
  },
};

const prepare = (matrix: ActivationMatrix, input: OuterInput): Prepared => {
  const { needs, prepare: make } = matrices[matrix.kind] as MatrixRule<ActivationMatrix['kind']>;
  const statistic = needs === null ? new Float64Array() : input.statistics[needs];
  if (!statistic) throw new Error(`no activation statistics for ${input.name}`);
  return make(matrix, statistic, input);
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

/** U_k Sigma_k^b and Sigma_k^a V_k^T S^-1 of W S, for the first or the last triplets. */
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
  const power = (k: number, exponent: number): number => (singularValues[first + k] as number) ** exponent;
  const rows = {
    rows: rank,
    columns: inFeatures,
    data: Float64Array.from(
      vt.subarray(first * inFeatures, (first + rank) * inFeatures),
      (value, at) => value * power(Math.floor(at / inFeatures), exponents.a),
    ),
  };
  return {
    b: Float32Array.from({ length: outFeatures * rank }, (_, at) => {
      const [row, k] = [Math.floor(at / rank), at % rank];
      return (u[row * made + first + k] as number) * power(k, exponents.b);
    }),
    a: Float32Array.from((weighting ? weighting.undo(rows) : rows).data),
  };
};

const decompose = async (decomposed: Decomposed, input: OuterInput): Promise<OuterPair> => {
  const { matrix, triplets } = decomposed;
  if (matrix.kind === 'none' && triplets === 'smallest') return fromTriplets(decomposed, null, input);
  const prepared = prepare(matrix, input);
  if (prepared.kind === 'diagonal') return fromDiagonal(decomposed, prepared.scale, input);
  return prepared.kind === 'subspace'
    ? fromSubspace(input, prepared.basis)
    : fromTriplets(decomposed, prepared.weighting, input);
};

type Make<K extends OuterInitialisation['kind']> = (
  initialisation: Extract<OuterInitialisation, { kind: K }>,
  input: OuterInput,
) => Promise<OuterPair> | OuterPair | null;

const makers: { readonly [K in OuterInitialisation['kind']]: Make<K> } = {
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
};

/** The outer pair of a layer where its initialisation gives one; null where both are drawn. */
export const outerPair = async (
  { outer: { initialisation } }: AdapterDescription,
  input: OuterInput,
): Promise<OuterPair | null> =>
  (makers[initialisation.kind] as Make<OuterInitialisation['kind']>)(initialisation, input);

export interface Calibration {
  readonly statistics: StatisticName[];
  readonly batches: number;
  readonly firstTokenCounts: boolean;
}

/** Statistics of the layers' inputs that an adapter starts from, and what they are taken over. */
export const calibrationOf = ({ outer: { initialisation } }: AdapterDescription): Calibration => {
  const needed = initialisation.kind === 'decomposition' ? matrices[initialisation.matrix.kind].needs : null;
  if (initialisation.kind !== 'decomposition' || needed === null)
    return { statistics: [], batches: 0, firstTokenCounts: true };
  const { calibrationBatches, firstTokenCounts } = initialisation;
  return { statistics: [needed], batches: calibrationBatches, firstTokenCounts };
};
