import { describe, expect, it } from 'vitest';
import { solveLowerFromRight, solveUpperFromRight } from '../../../main/engine/linear-algebra/cholesky.ts';
import { inverseOf } from '../../../main/engine/linear-algebra/inverse.ts';
import {
  addToDiagonal,
  below,
  beside,
  frobeniusNorm,
  multiply,
  scaleColumns,
  scaleRows,
  transpose,
} from '../../../main/engine/linear-algebra/matrix.ts';
import { matrixOf } from './svd-support.ts';

const matrix = matrixOf(2, 3, [1, 2, 3, 4, 5, 6]);

describe('matrix', () => {
  it('multiplies', () => {
    expect(multiply(matrix, matrixOf(3, 2, [7, 8, 9, 10, 11, 12]))).toEqual(
      matrixOf(2, 2, [58, 64, 139, 154]),
    );
  });

  it('does not multiply shapes that do not fit', () => {
    expect(() => multiply(matrix, matrix)).toThrow('cannot multiply 2 x 3 by 2 x 3');
  });

  it('transposes', () => {
    expect(transpose(matrix)).toEqual(matrixOf(3, 2, [1, 4, 2, 5, 3, 6]));
  });

  it('has a Frobenius norm', () => {
    expect(frobeniusNorm(matrixOf(1, 2, [3, 4]))).toBe(5);
  });

  it('scales rows and columns', () => {
    expect(scaleColumns(matrix, Float32Array.of(1, 0, -1))).toEqual(matrixOf(2, 3, [1, 0, -3, 4, 0, -6]));
    expect(scaleRows(Float32Array.of(2, -1), matrix)).toEqual(matrixOf(2, 3, [2, 4, 6, -4, -5, -6]));
  });

  it('stands beside and below another', () => {
    expect(beside(matrix, matrixOf(2, 1, [7, 8]))).toEqual(matrixOf(2, 4, [1, 2, 3, 7, 4, 5, 6, 8]));
    expect(below(matrix, matrixOf(1, 3, [7, 8, 9]))).toEqual(matrixOf(3, 3, [1, 2, 3, 4, 5, 6, 7, 8, 9]));
  });

  it('is solved for from the right, as a triangle and whole', () => {
    const lower = matrixOf(2, 2, [2, 0, 3, 4]);
    const upper = transpose(lower);
    const x = matrixOf(3, 2, [1, 2, 3, 4, 5, 6]);
    expect(solveLowerFromRight(multiply(x, lower), lower)).toEqual(x);
    expect(solveUpperFromRight(multiply(x, upper), upper)).toEqual(x);
    const definite = addToDiagonal(multiply(lower, upper), 1);
    const identity = multiply(inverseOf(definite), definite).data;
    [1, 0, 0, 1].forEach((value, at) => expect(identity[at]).toBeCloseTo(value, 12));
  });
});
