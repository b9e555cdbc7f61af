import type { AdapterDescription, Decomposed, OuterInitialisation } from '../adapters/adapter-description.ts';
import { WorkbenchError } from '../errors.ts';
import { leadingQr } from '../linear-algebra/leading-qr.ts';
import { singularValueDecomposition } from '../linear-algebra/svd.ts';
import { activationScale, awsvd, outerSplits, type AwsvdFactors, type AwsvdInput } from './awsvd.ts';
import type { AwsvdCache, OuterPair } from './awsvd-cache.ts';
import { randomizedAwsvd } from './randomized-awsvd.ts';

/** What the outer pair of a layer is made from. */
export interface OuterInput {
  /** (outFeatures x inFeatures) */
  readonly weight: Float32Array;
  readonly outFeatures: number;
  readonly inFeatures: number;
  readonly rank: number;
  /** What the delta is multiplied by. */
  readonly scaling: number;
  /** Mean of |x_i| over tokens (inFeatures), where the initialisation needs it. */
  readonly meanAbsolute: Float64Array | undefined;
  readonly cache: AwsvdCache | undefined;
  /** The weight's name, for errors. */
  readonly name: string;
}

type Make<K extends OuterInitialisation['kind']> = (
  initialisation: Extract<OuterInitialisation, { kind: K }>,
  input: OuterInput,
) => Promise<OuterPair> | OuterPair | null;

const algorithms: Record<
  Decomposed['decomposition'],
  (input: AwsvdInput) => AwsvdFactors | Promise<AwsvdFactors>
> = { exact: awsvd, randomized: randomizedAwsvd };

/** The diagonal of S. */
const scaleOf = ({ matrix }: Decomposed, { meanAbsolute, inFeatures, name }: OuterInput): Float64Array => {
  if (matrix.kind === 'none') return new Float64Array(inFeatures).fill(1);
  if (matrix.kind !== 'mean-absolute')
    throw new WorkbenchError('unsupported', `activationMatrix: "${matrix.kind}" is not built yet`);
  if (!meanAbsolute) throw new Error(`no activation statistics for ${name}`);
  return activationScale(meanAbsolute, matrix.exponent);
};

const largestTriplets = async (decomposed: Decomposed, input: OuterInput): Promise<OuterPair> => {
  const { split, decomposition } = decomposed;
  const { cache, weight, outFeatures, inFeatures, rank, name } = input;
  const scale = scaleOf(decomposed, input);
  const asked: AwsvdInput = { weight, outFeatures, inFeatures, scale, rank, split, name };
  const key = cache?.keyOf(asked, decomposition);
  const found = key === undefined ? undefined : cache?.read(key, asked);
  if (found) return found;
  const { a, b } = await algorithms[decomposition](asked);
  if (key !== undefined) cache?.write(key, asked, { a, b });
  return { a, b };
};

/** U_k Sigma_k^b and Sigma_k^a V_k^T of the smallest singular values, largest of them first. */
const smallestTriplets = ({ split }: Decomposed, input: OuterInput): OuterPair => {
  const { weight, outFeatures, inFeatures, rank, name } = input;
  const all = Math.min(outFeatures, inFeatures);
  const { u, singularValues, vt } = singularValueDecomposition(
    { rows: outFeatures, columns: inFeatures, data: weight },
    all,
    name,
  );
  const exponents = outerSplits[split];
  const first = all - rank;
  const power = (k: number, exponent: number): number => (singularValues[first + k] as number) ** exponent;
  return {
    b: Float32Array.from({ length: outFeatures * rank }, (_, at) => {
      const [row, k] = [Math.floor(at / rank), at % rank];
      return (u[row * all + first + k] as number) * power(k, exponents.b);
    }),
    a: Float32Array.from({ length: rank * inFeatures }, (_, at) => {
      const k = Math.floor(at / inFeatures);
      return (vt[first * inFeatures + at] as number) * power(k, exponents.a);
    }),
  };
};

const makers: { readonly [K in OuterInitialisation['kind']]: Make<K> } = {
  drawn: () => null,
  decomposition: async (decomposed, input) => {
    const pair =
      decomposed.triplets === 'largest'
        ? await largestTriplets(decomposed, input)
        : smallestTriplets(decomposed, input);
    if (!decomposed.descaled) return pair;
    // scaling * B A is then the part of W that B A would be.
    const share = 1 / Math.sqrt(input.scaling);
    return { a: pair.a.map((value) => value * share), b: pair.b.map((value) => value * share) };
  },
  qr: (_, { weight, outFeatures, inFeatures, rank }) => {
    const { q, r } = leadingQr({ rows: outFeatures, columns: inFeatures, data: weight }, rank);
    return { a: Float32Array.from(r.data), b: Float32Array.from(q.data) };
  },
  principal: () => {
    throw new WorkbenchError('unsupported', 'method: eva is not built yet');
  },
};

/** The outer pair of a layer where its initialisation gives one; null where both are drawn. */
export const outerPair = async (
  { outer: { initialisation } }: AdapterDescription,
  input: OuterInput,
): Promise<OuterPair | null> =>
  (makers[initialisation.kind] as Make<OuterInitialisation['kind']>)(initialisation, input);

/** Batches that activation statistics are taken from; 0 where none are needed. */
export const calibrationBatchesOf = ({ outer: { initialisation } }: AdapterDescription): number =>
  'calibrationBatches' in initialisation ? initialisation.calibrationBatches : 0;
