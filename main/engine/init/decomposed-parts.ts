import type { Decomposed } from '../adapters/description/adapter-description.ts';
import { outerSplits, type OuterSplit } from '../adapters/description/outer-splits.ts';
import { multiply, transpose, type Matrix } from '../linear-algebra/matrix.ts';
import { singularValueDecomposition } from '../linear-algebra/svd.ts';
import { awsvd, type AwsvdFactors, type AwsvdInput } from './awsvd.ts';
import type { OuterPair } from './awsvd-cache.ts';
import { coala } from './coala.ts';
import { directionLengths } from './direction-lengths.ts';
import type { OuterInput } from './outer-input.ts';
import { prepare, type Prepared } from './prepared-matrix.ts';
import { randomizedAwsvd } from './randomized-awsvd.ts';
import type { Weighting } from './weighting.ts';

type Doubles = Matrix<Float64Array>;

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

/** Where outputs are weighted too, T W S is decomposed as W S is elsewhere, and T is taken out of B again. */
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

/** The pair that a decomposition of W gives. */
export const decomposedParts = async (decomposed: Decomposed, input: OuterInput): Promise<OuterPair> => {
  const pair = await decompose(decomposed, input);
  if (!decomposed.descaled) return pair;
  // scaling * B A is then the part of W that B A would be.
  const share = 1 / Math.sqrt(input.scaling);
  return { a: pair.a.map((value) => value * share), b: pair.b.map((value) => value * share) };
};
