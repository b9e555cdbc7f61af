import { readFileSync } from 'node:fs';
import { createRandom } from '../../../main/engine/random.ts';
import type { AnyMatrix, Matrix } from '../../../main/engine/linear-algebra/matrix.ts';
import { frobeniusNorm, multiply, transpose } from '../../../main/engine/linear-algebra/matrix.ts';
import type { TruncatedSvd } from '../../../main/engine/linear-algebra/truncated-svd.ts';

type Decompose = (matrix: AnyMatrix, rank: number, name?: string) => TruncatedSvd;

type Reference = {
  matrices: {
    name: string;
    rows: number;
    columns: number;
    rank: number;
    data: number[];
    singularValues: number[];
    product: number[];
  }[];
  formula96x160: number[];
};

const fixture = new URL('fixtures/svd-reference.json', import.meta.url);
export const svdReference = JSON.parse(readFileSync(fixture, 'utf8')) as Reference;

export const matrixOf = (rows: number, columns: number, data: Iterable<number>): Matrix<Float64Array> => ({
  rows,
  columns,
  data: Float64Array.from(data),
});

/** Uniform entries in [-1, 1). */
export const randomMatrix = (rows: number, columns: number, seed: number): Matrix<Float64Array> => {
  const random = createRandom(seed);
  return matrixOf(
    rows,
    columns,
    Array.from({ length: rows * columns }, () => 2 * random.uniform() - 1),
  );
};

/** The matrix of make_fixtures.py that is too large to store. */
export const formulaMatrix = (): Matrix<Float64Array> =>
  matrixOf(
    96,
    160,
    Array.from({ length: 96 * 160 }, (_, at) => {
      const [i, j] = [Math.floor(at / 160), at % 160];
      return ((i * 7919 + j * 104729 + i * i * j * 31) % 1009) / 1009 - 0.5;
    }),
  );

/** U diag(sigma) V^T. */
export const productOf = (svd: TruncatedSvd, { rows, columns }: AnyMatrix): Matrix<Float64Array> => {
  const rank = svd.singularValues.length;
  const scaled = svd.u.map((entry, i) => entry * svd.singularValues[i % rank]!);
  return multiply(matrixOf(rows, rank, scaled), matrixOf(rank, columns, svd.vt));
};

/** ||left - right||_F */
export const distance = (left: AnyMatrix, right: AnyMatrix): number =>
  frobeniusNorm({ ...left, data: Float64Array.from(left.data, (entry, i) => entry - right.data[i]!) });

/** ||left - right||_F / ||right||_F */
export const relativeDistance = (left: AnyMatrix, right: AnyMatrix): number =>
  distance(left, right) / frobeniusNorm(right);

/** ||M^T M - I||_F for the left vectors, and the same for the right ones. */
export const orthonormalityErrors = (svd: TruncatedSvd, { rows, columns }: AnyMatrix): [number, number] => {
  const rank = svd.singularValues.length;
  const u = matrixOf(rows, rank, svd.u);
  const vt = matrixOf(rank, columns, svd.vt);
  const identity = matrixOf(
    rank,
    rank,
    Array.from({ length: rank * rank }, (_, i) => (i % (rank + 1) === 0 ? 1 : 0)),
  );
  return [distance(multiply(transpose(u), u), identity), distance(multiply(vt, transpose(vt)), identity)];
};

export type { Decompose };
