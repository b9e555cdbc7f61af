import { describe, expect, it } from 'vitest';
import { frobeniusNorm, multiply, transpose } from '../../../main/engine/linear-algebra/matrix.ts';
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
});
