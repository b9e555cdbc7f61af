import { nativeAddon } from './native.ts';
import { makeReflector } from './reflector.ts';

/** Rows that are taken in at a time: they stay in the cache. */
const rowsAtATime = 64;

/**
 * The upper triangle R (n x n, row-major) with R^T R = T^T T + X^T X, from an upper triangle T (none: zeros) and rows X (m x n): the
 * R of a QR decomposition of T over X, by Householder reflections in fp64 (TSQR: Demmel et al., SIAM J. Sci. Comput. 34, 2012). What
 * came before stays in T, so rows can be taken in without end. Diagonal entries are not negative.
 */
export const updateTriangle = (
  triangle: Float64Array | undefined,
  rows: Float32Array | Float64Array,
  n: number,
): Float64Array | Promise<Float64Array> => {
  const r = triangle ? Float64Array.from(triangle) : new Float64Array(n * n);
  const native = nativeAddon();
  return native ? native.updateTriangle(n, Float64Array.from(rows), r).then(() => r) : takeIn(r, rows, n);
};

/** The addon's twin: takes the rows into the triangle `r` itself. */
export const takeIn = (r: Float64Array, rows: Float32Array | Float64Array, n: number): Float64Array => {
  const block = rowsAtATime * n;
  for (let from = 0; from < rows.length; from += block)
    reflectInto(r, Float64Array.from(rows.subarray(from, from + block)), n);
  return r;
};

/** Reflection k turns row k of R and column k of what is left of X onto row k of R; rows below keep their zeros. */
const reflectInto = (r: Float64Array, x: Float64Array, n: number): void => {
  const m = x.length / n;
  const vector = new Float64Array(1 + m);
  const along = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    vector[0] = r[k * n + k]!;
    for (let i = 0; i < m; i++) vector[1 + i] = x[i * n + k]!;
    const { tau } = makeReflector(vector);
    if (tau === 0) continue;
    for (let j = k; j < n; j++) along[j] = r[k * n + j]!;
    for (let i = 0; i < m; i++) {
      const factor = vector[1 + i]!;
      if (factor === 0) continue;
      for (let j = k; j < n; j++) along[j]! += factor * x[i * n + j]!;
    }
    // The head is not negative, so the reflection makes it negative: the row is turned round, so that it stays so.
    for (let j = k; j < n; j++) r[k * n + j] = tau * along[j]! - r[k * n + j]!;
    for (let i = 0; i < m; i++) {
      const factor = tau * vector[1 + i]!;
      if (factor === 0) continue;
      for (let j = k; j < n; j++) x[i * n + j]! -= factor * along[j]!;
    }
  }
};
