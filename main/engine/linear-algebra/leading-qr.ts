import type { AnyMatrix, Matrix } from './matrix.ts';

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
export function leadingQr({ rows, columns, data }: AnyMatrix, rank: number): LeadingQr {
  const work = Float64Array.from(data);
  const reflectors: { readonly vector: Float64Array; readonly beta: number }[] = [];
  for (let k = 0; k < rank; k++) {
    const vector = new Float64Array(rows);
    for (let i = k; i < rows; i++) vector[i] = work[i * columns + k]!;
    const head = vector[k]!;
    const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
    const tail = length ** 2 - head ** 2;
    const diagonal = tail > 0 ? (head > 0 ? -length : length) : head;
    vector[k] = head - diagonal;
    const square = vector.reduce((sum, value) => sum + value * value, 0);
    const beta = square === 0 ? 0 : 2 / square;
    reflect(work, { rows, columns }, { vector, beta }, k);
    reflectors.push({ vector, beta });
  }
  const q = new Float64Array(rows * rank);
  for (let k = 0; k < rank; k++) q[k * rank + k] = 1;
  for (const [k, reflector] of [...reflectors.entries()].reverse())
    reflect(q, { rows, columns: rank }, reflector, k);
  const r = work.slice(0, rank * columns);
  for (let i = 1; i < rank; i++) r.fill(0, i * columns, i * columns + Math.min(i, columns));
  return {
    q: { rows, columns: rank, data: q },
    r: { rows: rank, columns, data: r },
  };
}

/** (I - beta v v^T) M in place, from column `first` on; v is zero above `first`. */
function reflect(
  matrix: Float64Array,
  { rows, columns }: { readonly rows: number; readonly columns: number },
  { vector, beta }: { readonly vector: Float64Array; readonly beta: number },
  first: number,
): void {
  const along = new Float64Array(columns);
  for (let i = first; i < rows; i++)
    for (let j = 0; j < columns; j++) along[j]! += vector[i]! * matrix[i * columns + j]!;
  for (let i = first; i < rows; i++) {
    const factor = beta * vector[i]!;
    for (let j = 0; j < columns; j++) matrix[i * columns + j]! -= factor * along[j]!;
  }
}
