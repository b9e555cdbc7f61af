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
/** What a round leaves of its gain, times what its filter lifts the last kept direction by: measured on model weights. */
const left = 0.25;
/**
 * The addon works in fp32: a filter that lifts the largest eigenvalue further over the cut drowns the others in rounding. The
 * columns are Ritz vectors, so what they hold of the largest one is rounding itself, and its part in the drowning is squared.
 */
const largestLift = 1e10;
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
export const leadingTriplets = (
  tall: Doubles,
  sketch: Doubles | null,
  rank: number,
): LeadingTriplets | null => {
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
  const projected = truncatedSvd(blockedProduct(transpose(basis), image), basis.columns);
  let eigenvalues = projected.singularValues;
  const turn = transpose({ rows: basis.columns, columns: basis.columns, data: projected.vt });
  basis = blockedProduct(basis, turn);
  image = blockedProduct(image, turn);
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
    const lift = chebyshev[degree](Math.max(1, (2 * eigenvalues[rank - 1]!) / cut - 1));
    if ((left / lift) * Math.max(0, now - before) <= 2 * tolerance * dropped) return refined.triplets;
    basis = refined.turned;
    image = blockedProduct(gram, basis);
  }
  return null;
};

const leadingSum = (values: Float64Array, count: number): number =>
  values.subarray(0, count).reduce((sum, value) => sum + value, 0);

const identity = (n: number): Doubles => ({
  rows: n,
  columns: n,
  data: Float64Array.from({ length: n * n }, (_, at) => (at % (n + 1) === 0 ? 1 : 0)),
});

const chebyshev = {
  2: (x: number): number => 2 * x ** 2 - 1,
  3: (x: number): number => 4 * x ** 3 - 3 * x,
  4: (x: number): number => 8 * x ** 2 * (x ** 2 - 1) + 1,
};

/** The highest degree whose Chebyshev polynomial stays below the largest lift at x; 2 in any case. */
const filterDegree = (x: number): 2 | 3 | 4 => {
  if (chebyshev[4](x) <= largestLift) return 4;
  return chebyshev[3](x) <= largestLift ? 3 : 2;
};

/** T_degree((2 G - cut I) / cut) basis, by the three-term recurrence; `image` is G basis. */
const filter = (gram: Doubles, basis: Doubles, image: Doubles, cut: number, degree: number): Doubles => {
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
};

type Ritz = {
  readonly triplets: LeadingTriplets;
  /** All of the basis, turned. */
  readonly turned: Doubles;
  /** All squared lengths. */
  readonly eigenvalues: Float64Array;
};

/** Turns t = tall basis so that its columns are orthogonal, the longest first, and keeps `rank` of them. */
const rayleighRitz = (t: Doubles, basis: Doubles, rank: number): Ritz => {
  const size = t.columns;
  // Of a positive semidefinite matrix the singular vectors are the eigenvectors.
  const { vt, singularValues: eigenvalues } = truncatedSvd(gramMatrix(t), size);
  const turned = blockedProduct(basis, transpose({ rows: size, columns: size, data: vt }));
  const triplets = {
    basis: leadingColumns(turned, rank),
    t: blockedProduct(t, transpose({ rows: rank, columns: size, data: vt.subarray(0, rank * size) })),
    sigma: eigenvalues.slice(0, rank).map(Math.sqrt),
  };
  return { triplets, turned, eigenvalues };
};

const leadingColumns = ({ rows, columns, data }: Doubles, count: number): Doubles => {
  const leading = new Float64Array(rows * count);
  for (let i = 0; i < rows; i++) leading.set(data.subarray(i * columns, i * columns + count), i * count);
  return { rows, columns: count, data: leading };
};
