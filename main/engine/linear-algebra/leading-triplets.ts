import { blockedProduct, gramMatrix } from './blocked-products.ts';
import { transpose, type Matrix } from './matrix.ts';
import { orthonormalize } from './orthonormalize.ts';
import { truncatedSvd } from './truncated-svd.ts';

type Doubles = Matrix<Float64Array>;

/**
 * tall ~ (t / sigma) diag(sigma) basis^T: basis (n x r) orthonormal, t = tall basis (m x r) with orthogonal columns of length
 * sigma, the longest first.
 */
export type LeadingTriplets = {
  readonly basis: Doubles;
  readonly t: Doubles;
  readonly sigma: Float64Array;
};

/** Estimated excess of the error over the best one at which the iteration stops. */
const tolerance = 0.006;
/** What a round leaves of the gain it made, by the degree of its filter: an upper estimate, measured on model weights. */
const leftByDegree = [1, 0.5, 0.12, 0.06, 0.03] as const;
/** The addon works in fp32: a filter that lifts the largest eigenvalue further over the cut drowns the others in rounding. */
const largestLift = 5e6;
/** Eigenvalues of the Gram matrix below this part of the largest are rounding in fp32. */
const resolved = 2e-6;
const mostRounds = 6;

/**
 * The leading singular triplets of a tall matrix (m x n) from the eigenvectors of G = tall^T tall, by subspace iteration with a
 * Chebyshev filter (Rutishauser 1970; Zhou and Saad 2007), started at G times a random `sketch` (n x l). The twin, in fp64, of
 * leading_triplets.rs: the same steps and decisions.
 *
 * G costs m n^2 once and a product with it 2 n^2 l, where two products with a tall matrix would cost 4 m n l. The smallest
 * Ritz value of the block is the cut: T_d maps eigenvalues in [0, cut] to [-1, 1] and lifts those above, by a lot. Each round is a
 * filter, a basis of what it gives, and Rayleigh and Ritz with the matrix itself, so that the lengths are not those of a
 * squared matrix. It ends when what is still missing, estimated from the round's gain, raises the error by under 0.6 %.
 *
 * @returns null where the result could not be verified: decompose exactly then. Without a sketch the whole space is
 *   decomposed at once
 */
export function leadingTriplets(tall: Doubles, sketch: Doubles | null, rank: number): LeadingTriplets | null {
  const energy = tall.data.reduce((sum, entry) => sum + entry * entry, 0);
  if (energy === 0) return null;
  if (sketch === null) {
    const { triplets, eigenvalues } = rayleighRitz(tall, identity(tall.columns), rank);
    return eigenvalues[rank - 1]! > 1e-12 * eigenvalues[0]! ? triplets : null;
  }
  const gram = gramMatrix(tall);
  let basis = orthonormalize(blockedProduct(gram, sketch));
  if (basis === null) return null;
  let image = blockedProduct(gram, basis);
  let eigenvalues = truncatedSvd(blockedProduct(transpose(basis), image), basis.columns).singularValues;
  for (let round = 0; round < mostRounds; round++) {
    const [largest, cut] = [eigenvalues[0]!, eigenvalues.at(-1)!];
    if (cut <= resolved * largest) return null;
    const degree = filterDegree((2 * largest) / cut - 1);
    const before = leadingSum(eigenvalues, rank);
    basis = orthonormalize(filter(gram, basis, image, cut, degree));
    if (basis === null) return null;
    const refined = rayleighRitz(blockedProduct(tall, basis), basis, rank);
    eigenvalues = refined.eigenvalues;
    const now = leadingSum(eigenvalues, rank);
    const dropped = energy - now;
    if (dropped <= 1e-5 * energy) return null;
    if (leftByDegree[degree] * Math.max(0, now - before) <= 2 * tolerance * dropped) return refined.triplets;
    image = blockedProduct(gram, basis);
  }
  return null;
}

const leadingSum = (values: Float64Array, count: number): number =>
  values.subarray(0, count).reduce((sum, value) => sum + value, 0);

const identity = (n: number): Doubles => ({
  rows: n,
  columns: n,
  data: Float64Array.from({ length: n * n }, (_, at) => (at % (n + 1) === 0 ? 1 : 0)),
});

/** The highest degree, 2 to 4, whose Chebyshev polynomial stays below the largest lift at x; 2 in any case. */
const filterDegree = (x: number): 2 | 3 | 4 => {
  if (8 * x ** 4 <= largestLift) return 4;
  return 4 * x ** 3 <= largestLift ? 3 : 2;
};

/** T_degree((2 G - cut I) / cut) basis, by the three-term recurrence; `image` is G basis. */
function filter(gram: Doubles, basis: Doubles, image: Doubles, cut: number, degree: number): Doubles {
  const shifted = (image: Doubles, of: Doubles): Float64Array =>
    image.data.map((entry, at) => (2 / cut) * entry - of.data[at]!);
  let previous = basis;
  let current = { ...basis, data: shifted(image, basis) };
  for (let k = 1; k < degree; k++) {
    const next = shifted(blockedProduct(gram, current), current);
    const { data } = previous;
    previous = current;
    current = { ...basis, data: next.map((entry, at) => 2 * entry - data[at]!) };
  }
  return current;
}

/** Turns t = tall basis so that its columns are orthogonal and keeps `rank` of them. Also all the squared lengths. */
function rayleighRitz(
  t: Doubles,
  basis: Doubles,
  rank: number,
): { triplets: LeadingTriplets; eigenvalues: Float64Array } {
  const size = t.columns;
  // Of a positive semidefinite matrix the singular vectors are the eigenvectors.
  const { vt, singularValues: eigenvalues } = truncatedSvd(gramMatrix(t), size);
  const turn = transpose({ rows: rank, columns: size, data: vt.subarray(0, rank * size) });
  const triplets = {
    basis: blockedProduct(basis, turn),
    t: blockedProduct(t, turn),
    sigma: eigenvalues.slice(0, rank).map(Math.sqrt),
  };
  return { triplets, eigenvalues };
}
