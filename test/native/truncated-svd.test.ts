import { expect, it } from 'vitest';
import { nativeAddon, nativeStatus } from '../../main/engine/linear-algebra/native.ts';
import { singularValueDecomposition } from '../../main/engine/linear-algebra/svd.ts';
import { truncatedSvd } from '../../main/engine/linear-algebra/truncated-svd.ts';
import { productOf, randomMatrix, relativeDistance } from '../engine/linear-algebra/svd-support.ts';
import { describeTruncatedSvd } from '../engine/linear-algebra/svd-suite.ts';
import { describeWith } from '../support/requirements.ts';

describeWith('native', 'truncatedSvd, native', () => {
  it('loads', () => {
    expect(nativeStatus()).toMatchObject({ available: true });
  });

  describeTruncatedSvd(singularValueDecomposition);

  it.each([
    [300, 110, 32],
    [96, 200, 96],
    [64, 64, 5],
  ])('gives what the twin gives: %i x %i, rank %i', (rows, columns, rank) => {
    const matrix = randomMatrix(rows, columns, rows);
    const native = singularValueDecomposition(matrix, rank);
    const twin = truncatedSvd(matrix, rank);
    native.singularValues.forEach((sigma, k) =>
      expect(Math.abs(sigma / twin.singularValues[k]! - 1)).toBeLessThan(1e-12),
    );
    expect(relativeDistance(productOf(native, matrix), productOf(twin, matrix))).toBeLessThan(1e-11);
    native.u.forEach((entry, i) => expect(Math.abs(entry - twin.u[i]!)).toBeLessThan(1e-9));
    native.vt.forEach((entry, i) => expect(Math.abs(entry - twin.vt[i]!)).toBeLessThan(1e-9));
  });

  it('writes into views of larger buffers, and nowhere else', () => {
    const { data } = randomMatrix(5, 4, 1);
    const buffer = new Float64Array(40).fill(7);
    const [u, sigma, vt] = [buffer.subarray(1, 11), buffer.subarray(12, 14), buffer.subarray(15, 23)];
    nativeAddon()!.truncatedSvd(5, 4, data, 2, u, sigma, vt);
    expect([0, 11, 14, 23].map((i) => buffer[i])).toEqual([7, 7, 7, 7]);
    expect(u.includes(7) || sigma.includes(7) || vt.includes(7)).toBe(false);
  });

  it('turns what does not fit into errors', () => {
    const arrays = [new Float64Array(4), new Float64Array(2), new Float64Array(4)] as const;
    const addon = nativeAddon()!;
    expect(() => addon.truncatedSvd(2, 2, new Float64Array(3), 2, ...arrays)).toThrow(
      'data has 3 elements instead of 4',
    );
    expect(() => addon.truncatedSvd(2, 2, new Float64Array(4), 3, ...arrays)).toThrow(
      'rank 3 does not fit a 2 x 2 matrix',
    );
    expect(() => addon.truncatedSvd(2, 2, new Float64Array(4).fill(NaN), 2, ...arrays)).toThrow(
      'did not converge',
    );
  });
});
