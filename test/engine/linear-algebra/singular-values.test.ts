import { describe, expect, it } from 'vitest';
import { transpose } from '../../../main/engine/linear-algebra/matrix.ts';
import { singularValues } from '../../../main/engine/linear-algebra/singular-values.ts';
import { truncatedSvd } from '../../../main/engine/linear-algebra/truncated-svd.ts';
import { formulaMatrix, matrixOf, randomMatrix, svdReference } from './svd-support.ts';

describe('singular values without vectors', () => {
  it.each(svdReference.matrices)(
    "are LAPACK's: $name",
    ({ rows, columns, data, singularValues: expected }) => {
      const found = singularValues(matrixOf(rows, columns, data));
      expect(found).toHaveLength(expected.length);
      for (const [k, value] of expected.entries())
        expect(Math.abs(found[k]! - value)).toBeLessThanOrEqual(1e-10 * value + 1e-14 * expected[0]!);
    },
  );

  it("are LAPACK's where the spectrum is nearly flat, standing and lying", () => {
    for (const matrix of [formulaMatrix(), transpose(formulaMatrix())])
      for (const [k, value] of singularValues(matrix).entries())
        expect(Math.abs(value / svdReference.formula96x160[k]! - 1)).toBeLessThan(1e-10);
  });

  it.each([
    [500, 40],
    [40, 500],
    [60, 50],
  ])('are those of the whole decomposition: %d x %d', (rows, columns) => {
    const matrix = randomMatrix(rows, columns, rows);
    const whole = truncatedSvd(matrix, Math.min(rows, columns)).singularValues;
    for (const [k, value] of singularValues(matrix).entries())
      expect(Math.abs(value - whole[k]!)).toBeLessThan(1e-13 * whole[0]!);
  });

  it('are zeros of zeros, and leave the matrix alone', () => {
    const matrix = matrixOf(9, 2, new Float64Array(18));
    expect([...singularValues(matrix)]).toEqual([0, 0]);
    const random = randomMatrix(9, 2, 3);
    const before = Float64Array.from(random.data);
    singularValues(random);
    expect(random.data).toEqual(before);
  });

  it('name the entry that is no number', () => {
    expect(() => singularValues(matrixOf(1, 2, [1, NaN]), 'q_proj')).toThrow(
      'q_proj: the entry at row 0, column 1 is NaN',
    );
  });
});
