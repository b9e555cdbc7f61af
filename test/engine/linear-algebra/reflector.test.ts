import { describe, expect, it } from 'vitest';
import { leadingQr } from '../../../main/engine/linear-algebra/leading-qr.ts';
import { makeReflector } from '../../../main/engine/linear-algebra/reflector.ts';
import { distance, matrixOf, orthonormalityErrors } from './svd-support.ts';

describe('a reflection', () => {
  it.each([1, 1e-170, 1e-200, 1e-310, 1e200, 1e300])('turns (3, 4, 12) x %s onto the first axis', (unit) => {
    const vector = Float64Array.of(3 * unit, 4 * unit, 12 * unit);
    const { diagonal, tau } = makeReflector(vector);
    // diagonal -13, v = (1, 4, 12) with the rest over 3 + 13, tau = 16 / 13
    expect(diagonal / unit).toBeCloseTo(-13, 10);
    expect(tau).toBeCloseTo(16 / 13, 10);
    expect([...vector].map((value) => value * 16)).toEqual([
      16,
      expect.closeTo(4, 10),
      expect.closeTo(12, 10),
    ]);
  });

  it('does nothing where there is nothing to do, whatever the head', () => {
    for (const head of [0, -0, 5, -1e-320]) {
      const { diagonal, tau } = makeReflector(Float64Array.of(head, 0, 0));
      expect([diagonal, tau]).toEqual([head, 0]);
    }
  });

  it('leaves what is not a number to be found by the caller', () => {
    expect(makeReflector(Float64Array.of(1, NaN)).diagonal).toBeNaN();
  });
});

it.each([1, 1e-200, 1e-300])('QR keeps orthonormal columns where columns repeat, in units of %s', (unit) => {
  const matrix = matrixOf(
    7,
    6,
    Array.from({ length: 42 }, (_, at) => ((at * 5 + (at % 6 > 2 ? 0 : 1)) % 7) * unit),
  );
  for (let row = 0; row < 7; row++) matrix.data[row * 6 + 4] = matrix.data[row * 6 + 1]!;
  const { q, r } = leadingQr(matrix, 6);
  const [error] = orthonormalityErrors(
    { u: q.data, singularValues: new Float64Array(6), vt: new Float64Array(36) },
    matrix,
  );
  expect(error).toBeLessThan(1e-14);
  const product = matrixOf(7, 6, new Float64Array(42));
  for (let i = 0; i < 7; i++)
    for (let j = 0; j < 6; j++)
      for (let k = 0; k < 6; k++)
        product.data[i * 6 + j]! += q.data[i * 6 + k]! * (r.data[k * 6 + j]! / unit);
  const scaled = { ...matrix, data: matrix.data.map((value) => value / unit) };
  expect(distance(product, scaled)).toBeLessThan(1e-13);
});
