import type { ActivationMatrix } from '../adapters/description/activation-matrix.ts';
import type { Source } from '../adapters/description/adapter-description.ts';

/** A layer's weight (out x in), and how much of its decomposition is kept. */
export interface DecomposedSize {
  readonly outFeatures: number;
  readonly inFeatures: number;
  readonly rank: number;
}

/**
 * Leading triplets of an (m x n) matrix as `truncatedSvd` makes them. Of the long side m and the short n: Householder bidiagonalisation
 * 4 m n^2 - 4/3 n^3 (Golub and Van Loan, 5.4.8); two sweeps a value over what is left, so n^2 rotations of 6 operations on each of r
 * columns, left and right; the reflectors on r columns, 4 r (m n - n^2 / 2) and 4 r n^2 / 2.
 */
export const svdFlops = (rows: number, columns: number, rank: number): number => {
  const [m, n] = [Math.max(rows, columns), Math.min(rows, columns)];
  const bidiagonalisation = 4 * m * n ** 2 - (4 / 3) * n ** 3;
  const rotations = 2 * 6 * rank * n ** 2;
  const reflectors = 4 * rank * (m * n - n ** 2 / 2) + 2 * rank * n ** 2;
  return bidiagonalisation + rotations + reflectors;
};

/** Columns of the sketch of `randomizedAwsvd`. */
const sketchColumns = (rank: number): number => rank + Math.max(16, Math.ceil(rank / 8));

/** What the filter's degree and number of rounds usually are on the weights of models: three, and two rounds. */
const usual = { degree: 3, rounds: 2 } as const;

/**
 * Subspace iteration on G = M^T M as `leadingTriplets` does it, in its usual number of rounds: m n^2 for G (it is symmetric), 2 n^2 l for
 * each product of it with the block, 6 n l^2 for an orthonormal basis (Cholesky QR, twice), and Rayleigh and Ritz with M (2 m n l) and the small decomposition.
 * More than half of the space is decomposed at once.
 */
export const randomizedFlops = (rows: number, columns: number, rank: number): number => {
  const [m, n] = [Math.max(rows, columns), Math.min(rows, columns)];
  const l = sketchColumns(rank);
  const gram = m * n ** 2;
  if (2 * l > n) return gram + svdFlops(n, n, n) + 2 * m * n * rank;
  const multiply = 2 * n ** 2 * l;
  const orthonormal = 6 * n * l ** 2;
  const ritz = 2 * m * n * l + m * l ** 2 + svdFlops(l, l, l) + 2 * (m + n) * l ** 2;
  const start = 2 * multiply + orthonormal + svdFlops(l, l, l) + 4 * n * l ** 2;
  return gram + start + usual.rounds * (usual.degree * multiply + orthonormal + ritz);
};

const triangular = (n: number): number => n ** 3 / 3;

/** What a full activation matrix costs once for each input that layers have in common. */
const preparation: Partial<Record<ActivationMatrix['kind'], (n: number) => number>> = {
  cholesky: triangular,
  covariance: triangular,
  eigen: (n) => svdFlops(n, n, n),
};

/** W S, and R S^-1 for the r rows that are kept: products or triangular solves. */
const weighting: Partial<Record<ActivationMatrix['kind'], (size: DecomposedSize) => number>> = {
  cholesky: ({ outFeatures, inFeatures, rank }) => (2 * outFeatures + rank) * inFeatures ** 2,
  covariance: ({ outFeatures, inFeatures, rank }) => (2 * outFeatures + 2 * rank) * inFeatures ** 2,
  eigen: ({ outFeatures, inFeatures, rank }) => (2 * outFeatures + 2 * rank) * inFeatures ** 2,
};

/** W R^T, its decomposition and U^T W with what they lose; once more where regularised, after R has taken in sqrt(mu) I. */
const coalaFlops = ({ outFeatures, inFeatures, rank }: DecomposedSize, regularisation: number): number => {
  const projection =
    2 * outFeatures * inFeatures ** 2 +
    svdFlops(outFeatures, inFeatures, rank) +
    4 * 2 * outFeatures * inFeatures * rank;
  return regularisation > 0 ? 2 * projection + 2 * inFeatures ** 3 : projection;
};

type Costs = {
  readonly [K in Source['kind']]: (source: Extract<Source, { kind: K }>, size: DecomposedSize) => number;
};

const diagonalKinds: ReadonlySet<ActivationMatrix['kind']> = new Set([
  'none',
  'mean-absolute',
  'rms',
  'maximum',
  'shuffled',
  'gradient-weighted',
]);

const costs: Costs = {
  decomposition: ({ matrix, triplets, decomposition }, size) => {
    const { outFeatures, inFeatures, rank } = size;
    // A random basis and what W has of it.
    if (matrix.kind === 'random') return 4 * inFeatures * rank ** 2 + 2 * outFeatures * inFeatures * rank;
    if (matrix.kind === 'coala') return coalaFlops(size, matrix.regularisation);
    const isDiagonal = diagonalKinds.has(matrix.kind);
    const kept = triplets === 'largest' ? rank : Math.min(outFeatures, inFeatures);
    const method =
      decomposition === 'randomized' && isDiagonal && triplets === 'largest' ? randomizedFlops : svdFlops;
    return (weighting[matrix.kind]?.(size) ?? 0) + method(outFeatures, inFeatures, kept);
  },
  // Reflections on the whole matrix, and on the columns of Q.
  qr: (_, { outFeatures, inFeatures, rank }) =>
    4 * outFeatures * inFeatures * rank + 4 * outFeatures * rank ** 2,
  // The decomposition is that of the layers' common input: see `sharedDecompositionFlops`.
  'principal-components': () => 0,
};

/** Operations of taking one layer's weight apart; nothing where its factors are drawn. */
export const layerDecompositionFlops = (source: Source | null, size: DecomposedSize): number =>
  source === null
    ? 0
    : (costs[source.kind] as (source: Source, size: DecomposedSize) => number)(source, size);

/** Operations that layers with one input have in common. */
export const sharedDecompositionFlops = (source: Source | null, inFeatures: number, rank: number): number => {
  if (source?.kind === 'principal-components') return svdFlops(inFeatures, inFeatures, rank);
  if (source?.kind !== 'decomposition') return 0;
  return preparation[source.matrix.kind]?.(inFeatures) ?? 0;
};
