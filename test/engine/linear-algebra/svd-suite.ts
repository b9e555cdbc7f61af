import { describe, expect, it } from 'vitest';
import type { Matrix } from '../../../main/engine/linear-algebra/matrix.ts';
import { frobeniusNorm } from '../../../main/engine/linear-algebra/matrix.ts';
import type { Decompose } from './svd-support.ts';
import {
  formulaMatrix,
  matrixOf,
  orthonormalityErrors,
  productOf,
  randomMatrix,
  relativeDistance,
  svdReference,
} from './svd-support.ts';

/** What any truncated SVD of the engine must satisfy: run for the twin and for the native addon. */
export const describeTruncatedSvd = (decompose: Decompose): void => {
  describe('against LAPACK', () => {
    it.each(svdReference.matrices)('$name', ({ rows, columns, rank, data, singularValues, product }) => {
      const matrix = matrixOf(rows, columns, data);
      const full = decompose(matrix, Math.min(rows, columns));
      const largest = singularValues[0]!;
      singularValues.forEach((expected, k) => {
        // Both are exact relative to the largest value only.
        expect(Math.abs(full.singularValues[k]! - expected)).toBeLessThanOrEqual(
          1e-10 * expected + 1e-14 * largest,
        );
      });
      const unit = largest; // no overflow when squared
      const actual = productOf(decompose(matrix, rank), matrix).data.map((entry) => entry / unit);
      const expected = matrixOf(
        rows,
        columns,
        product.map((entry) => entry / unit),
      );
      expect(relativeDistance({ rows, columns, data: actual }, expected)).toBeLessThan(1e-12);
    });

    it('a nearly flat spectrum, as model weights have', () => {
      const matrix = formulaMatrix();
      const { singularValues } = decompose(matrix, 96);
      svdReference.formula96x160.forEach((expected, k) => {
        expect(Math.abs(singularValues[k]! / expected - 1)).toBeLessThan(1e-10);
      });
      const rank = 24;
      const left = svdReference.formula96x160.slice(rank).reduce((sum, sigma) => sum + sigma * sigma, 0);
      const error =
        relativeDistance(productOf(decompose(matrix, rank), matrix), matrix) * frobeniusNorm(matrix);
      expect(Math.abs(error / Math.sqrt(left) - 1)).toBeLessThan(1e-10);
    });
  });

  describe('properties', () => {
    const identity = matrixOf(
      6,
      6,
      [...Array(36).keys()].map((i) => (i % 7 === 0 ? 1 : 0)),
    );
    const ones = matrixOf(8, 5, Array<number>(40).fill(1));
    const zeroDiagonal = matrixOf(4, 4, [1, 2, 0, 0, 0, 0, 3, 0, 0, 0, 4, 5, 0, 0, 0, 6]); // bidiagonal, with a zero inside
    const growing = matrixOf(
      5,
      5,
      [1e-12, 1e-9, 0, 0, 0, 0, 1e-6, 1e-5, 0, 0, 0, 0, 1e-3, 1, 0, 0, 0, 0, 10, 1, 0, 0, 0, 0, 1e3],
    );
    const matrices: [string, Matrix<Float64Array>][] = [
      ['tall', randomMatrix(40, 9, 1)],
      ['wide', randomMatrix(9, 40, 2)],
      ['square', randomMatrix(33, 33, 3)],
      ['one entry', matrixOf(1, 1, [-3])],
      ['one row', randomMatrix(1, 7, 4)],
      ['one column', randomMatrix(7, 1, 5)],
      ['identity', identity],
      ['rank one', ones],
      ['zero inside the bidiagonal', zeroDiagonal],
      ['graded upwards', growing],
    ];

    it.each(matrices)('recovers at full rank, with orthonormal vectors: %s', (_, matrix) => {
      const svd = decompose(matrix, Math.min(matrix.rows, matrix.columns));
      expect(relativeDistance(productOf(svd, matrix), matrix)).toBeLessThan(1e-13);
      for (const error of orthonormalityErrors(svd, matrix)) expect(error).toBeLessThan(1e-12);
      expect(svd.singularValues).toEqual(svd.singularValues.toSorted((a, b) => b - a));
      expect(svd.singularValues.at(-1)).toBeGreaterThanOrEqual(0);
    });

    it('takes a zero matrix', () => {
      const matrix = matrixOf(4, 6, Array<number>(24).fill(0));
      const svd = decompose(matrix, 3);
      expect([...svd.singularValues]).toEqual([0, 0, 0]);
      for (const error of orthonormalityErrors(svd, matrix)) expect(error).toBeLessThan(1e-13);
    });

    it('keeps the leading triplets of the full decomposition', () => {
      const matrix = randomMatrix(20, 30, 6);
      const full = decompose(matrix, 20);
      const leading = decompose(matrix, 7);
      leading.singularValues.forEach((sigma, k) => expect(sigma).toBeCloseTo(full.singularValues[k]!, 13));
      leading.vt.forEach((entry, i) => expect(entry).toBeCloseTo(full.vt[i]!, 10));
    });

    it('widens Float32Array without loss', () => {
      const { rows, columns, data } = randomMatrix(12, 10, 7);
      const floats = Float32Array.from(data);
      expect(decompose({ rows, columns, data: floats }, 4)).toEqual(
        decompose(matrixOf(rows, columns, floats), 4),
      );
    });

    it('makes the entry of largest magnitude in each row of vt positive', () => {
      const { vt } = decompose(randomMatrix(15, 11, 8), 11);
      for (let k = 0; k < 11; k++) {
        const row = [...vt.subarray(k * 11, (k + 1) * 11)];
        expect(Math.max(...row)).toBeGreaterThanOrEqual(-Math.min(...row));
      }
    });

    it('repeats itself to the bit and leaves its input alone', () => {
      const matrix = randomMatrix(50, 40, 9);
      const before = matrix.data.slice();
      expect(decompose(matrix, 12)).toEqual(decompose(matrix, 12));
      expect(matrix.data).toEqual(before);
    });
  });

  describe('refuses', () => {
    it('a rank that the matrix does not have, with both numbers', () => {
      expect(() => decompose(randomMatrix(6, 4, 10), 5, 'q_proj')).toThrow(
        'q_proj: rank 5 is more than 4, the smaller side of this 6 x 4 matrix',
      );
    });

    it.each([0, -1, 1.5, NaN])('rank %s', (rank) => {
      expect(() => decompose(randomMatrix(6, 4, 10), rank)).toThrow(
        `rank ${rank} is not a positive whole number`,
      );
    });

    it.each([NaN, Infinity, -Infinity])('%s', (wrong) => {
      expect(() => decompose(matrixOf(2, 3, [1, 2, 3, 4, wrong, 6]), 1)).toThrow(
        `matrix: the entry at row 1, column 1 is ${wrong}`,
      );
    });
  });
};
