import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { outputEnergy, outputError, weightEnergy } from '../../../main/engine/diagnostics/captured-energy.ts';
import { spectrumOf, type Spectrum } from '../../../main/engine/diagnostics/spectrum.ts';
import { overlapOf, principalAngles } from '../../../main/engine/diagnostics/subspaces.ts';
import { firstColumns, orthonormalBasis, productSvd } from '../../../main/engine/diagnostics/thin-svd.ts';
import {
  multiply,
  scaleColumns,
  transpose,
  type Matrix,
} from '../../../main/engine/linear-algebra/matrix.ts';

type Doubles = Matrix<Float64Array>;
interface Listed {
  readonly rows: number;
  readonly columns: number;
  readonly data: number[];
}

/** Of NumPy and SciPy, made by make-fixtures.py. */
const fixtures = JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures.json'), 'utf8')) as {
  products: { left: Listed; right: Listed; singularValues: number[]; spectrum: Spectrum }[];
  spaces: { a: Listed; b: Listed; angles: number[]; similarity: number }[];
  energy: Record<'weight' | 'gram' | 'b' | 'a' | 'left' | 'right' | 'weightedLeft', Listed> &
    Record<'weightEnergy' | 'outputEnergy' | 'outputError' | 'kept' | 'weightedKept', number>;
};

const matrix = ({ rows, columns, data }: Listed): Doubles => ({
  rows,
  columns,
  data: Float64Array.from(data),
});
const expectClose = (found: ArrayLike<number>, expected: ArrayLike<number>, tolerance = 1e-12): void => {
  expect(found).toHaveLength(expected.length);
  for (let at = 0; at < expected.length; at++)
    expect(Math.abs(found[at]! - expected[at]!)).toBeLessThan(tolerance);
};

describe.each(fixtures.products.map((one, index) => [index, one] as const))('product %i', (_, one) => {
  const [left, right] = [matrix(one.left), matrix(one.right)];
  const svd = productSvd(left, right);

  it('has the singular values of the whole matrix', () => {
    expectClose(svd.singularValues, one.singularValues);
    const again = multiply(scaleColumns(svd.left, svd.singularValues), transpose(svd.right));
    expectClose(again.data, multiply(left, right).data, 1e-10);
    const { rows, data } = multiply(transpose(svd.left), svd.left);
    expectClose(
      data,
      data.map((__, at) => (at % (rows + 1) === 0 ? 1 : 0)),
    );
  });

  it('has their ranks', () => {
    const found = spectrumOf(svd.singularValues);
    const names = Object.keys(one.spectrum) as (keyof Spectrum)[];
    expectClose(
      names.map((name) => found[name]),
      names.map((name) => one.spectrum[name]),
    );
  });
});

it('finds no direction in zeros', () => {
  const zeros = (rows: number, columns: number): Doubles => ({
    rows,
    columns,
    data: new Float64Array(rows * columns),
  });
  const { singularValues, left } = productSvd(zeros(4, 2), zeros(2, 5));
  expect([singularValues.length, left.columns]).toEqual([0, 0]);
  expect(spectrumOf(singularValues)).toMatchObject({ stableRank: 0, effectiveRank: 0, rank90: 0 });
  expect(orthonormalBasis(zeros(4, 2)).columns).toBe(0);
  expect(overlapOf(orthonormalBasis(zeros(4, 2)), orthonormalBasis(zeros(4, 2)))).toBeNull();
});

describe.each(fixtures.spaces.map((one, index) => [index, one] as const))('spaces %i', (_, one) => {
  const [a, b] = [orthonormalBasis(matrix(one.a)), orthonormalBasis(matrix(one.b))];

  it('have the angles that SciPy has', () => {
    expectClose(principalAngles(a, b), one.angles);
    expectClose(principalAngles(b, a), one.angles);
  });

  it('have their overlap', () => {
    const overlap = overlapOf(a, b)!;
    expectClose([overlap.similarity, overlap.largestAngle], [one.similarity, one.angles[0]!]);
    expect(overlap.chance).toBe(Math.max(one.a.columns, one.b.columns) / 10);
    expect(overlapOf(a, a)!.similarity).toBeCloseTo(1, 12);
    expect(overlapOf(a, firstColumns(a, 1))!.similarity).toBeCloseTo(1, 12);
  });
});

describe('an outer pair', () => {
  const { energy } = fixtures;
  const [weight, gram] = [matrix(energy.weight), matrix(energy.gram)];
  const [b, a] = [matrix(energy.b), matrix(energy.a)];
  const outputs = orthonormalBasis(b);
  const inputs = orthonormalBasis(transpose(a));

  it('captures what NumPy says', () => {
    expectClose(
      [
        weightEnergy({ weight, outputs, inputs }),
        outputEnergy({ weight, outputs }, gram),
        outputError(weight, multiply(b, a), gram),
      ],
      [energy.weightEnergy, energy.outputEnergy, energy.outputError],
    );
  });

  it('of singular vectors captures the sum of the kept sigma^2', () => {
    const own = { weight, outputs: matrix(energy.left), inputs: matrix(energy.right) };
    expectClose([weightEnergy(own)], [energy.kept]);
    expectClose(
      [outputEnergy({ weight, outputs: matrix(energy.weightedLeft) }, gram)],
      [energy.weightedKept],
    );
  });
});
