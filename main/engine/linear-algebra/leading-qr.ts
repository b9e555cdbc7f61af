import type { AnyMatrix, Matrix } from './matrix.ts';
import { makeReflector } from './reflector.ts';

/** The first columns of Q (m x r) and the first rows of R (r x n) of W = Q R. */
export interface LeadingQr {
  readonly q: Matrix<Float64Array>;
  readonly r: Matrix<Float64Array>;
}

/**
 * The leading part of a QR decomposition by Householder reflections in fp64 (Golub and Van Loan, algorithm 5.2.1), with LAPACK's
 * signs: a diagonal entry of R has the sign opposite to the entry that its reflection started from. Only `rank` reflections are
 * made: the first columns of Q and rows of R do not depend on the others.
 *
 * @param rank at most the smaller side
 */
export const leadingQr = ({ rows, columns, data }: AnyMatrix, rank: number): LeadingQr => {
  const work = Float64Array.from(data);
  const reflections: Reflection[] = [];
  for (let k = 0; k < rank; k++) {
    const vector = Float64Array.from({ length: rows - k }, (_, i) => work[(k + i) * columns + k]!);
    const { tau } = makeReflector(vector);
    reflections.push({ first: k, vector, tau });
    reflect(work, columns, reflections[k]!);
  }
  const q = new Float64Array(rows * rank);
  for (let k = 0; k < rank; k++) q[k * rank + k] = 1;
  for (const reflection of reflections.toReversed()) reflect(q, rank, reflection);
  const r = work.slice(0, rank * columns);
  for (let i = 1; i < rank; i++) r.fill(0, i * columns, i * columns + Math.min(i, columns));
  return {
    q: { rows, columns: rank, data: q },
    r: { rows: rank, columns, data: r },
  };
};

/** I - tau v v^T on the rows from `first` on. */
interface Reflection {
  readonly first: number;
  readonly vector: Float64Array;
  readonly tau: number;
}

/** In place, on a matrix of so many columns. */
const reflect = (matrix: Float64Array, columns: number, { first, vector, tau }: Reflection): void => {
  if (tau === 0) return;
  const along = new Float64Array(columns);
  for (let i = 0; i < vector.length; i++)
    for (let j = 0; j < columns; j++) along[j]! += vector[i]! * matrix[(first + i) * columns + j]!;
  for (let i = 0; i < vector.length; i++) {
    const factor = tau * vector[i]!;
    for (let j = 0; j < columns; j++) matrix[(first + i) * columns + j]! -= factor * along[j]!;
  }
};
