import { expect, it } from 'vitest';
import { blockedProduct, doubleProduct } from '../../main/engine/linear-algebra/blocked-products.ts';
import { createRandom } from '../../main/engine/random.ts';
import { describeWith } from '../support/requirements.ts';

describeWith('native', 'products, native', () => {
  it.each([
    [1, 1, 1],
    [7, 300, 5],
    [130, 65, 97],
    [3, 0, 2],
  ])('are the twin’s to rounding: %i x %i x %i', (rows, inner, columns) => {
    const random = createRandom(rows);
    const draw = (count: number): Float64Array => Float64Array.from({ length: count }, () => random.normal());
    const left = { rows, columns: inner, data: draw(rows * inner) };
    const right = { rows: inner, columns, data: draw(inner * columns) };
    const [own, twin] = [doubleProduct(left, right), blockedProduct(left, right)];
    expect(own.data).toHaveLength(rows * columns);
    own.data.forEach((value, at) =>
      expect(Math.abs(value - twin.data[at]!)).toBeLessThan(1e-12 * (1 + inner)),
    );
  });
});
