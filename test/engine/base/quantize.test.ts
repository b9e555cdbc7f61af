import { describe, expect, it, vi } from 'vitest';
import { dequantizeBlocks, quantizeBlocks, quantizeTwoWay } from '../../../main/engine/base/quantize.ts';
import { createRandom } from '../../../main/engine/random.ts';
import { itWith } from '../../support/requirements.ts';

const matrix = (rows: number, columns: number): Float32Array => {
  const random = createRandom(3);
  return Float32Array.from(
    { length: rows * columns },
    () => random.normal() * (random.uniform() < 0.01 ? 20 : 1),
  );
};

const withTwin = <T>(make: () => T): T => {
  vi.stubEnv('NORA_NATIVE', '0');
  try {
    return make();
  } finally {
    vi.unstubAllEnvs();
  }
};

describe('8 bits in two ways', () => {
  const [rows, columns] = [70, 97];
  const weight = matrix(rows, columns);
  const made = withTwin(() => quantizeTwoWay(weight, rows, columns));
  const { forward, backward } = made;

  it('is within half a level of every weight, by its row forward and by its column backward', () => {
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++) {
        const value = weight[row * columns + column]!;
        const [byRow, byColumn] = [forward.scales[row]!, backward.scales[column]!];
        const half = 0.5 + 1e-4;
        expect(Math.abs(forward.values[column * rows + row]! * byRow - value)).toBeLessThanOrEqual(
          half * byRow,
        );
        expect(Math.abs(backward.values[row * columns + column]! * byColumn - value)).toBeLessThanOrEqual(
          half * byColumn,
        );
      }
  });

  it('spends all of 127 levels on the largest weight of a row', () => {
    const largest = Math.max(...weight.subarray(0, columns).map(Math.abs));
    expect(forward.scales[0]).toBeCloseTo(largest / 127, 6);
  });

  it('leaves zeros zero', () => {
    const zeros = withTwin(() => quantizeTwoWay(new Float32Array(6), 2, 3));
    expect([...zeros.forward.values, ...zeros.backward.scales]).toEqual(Array(9).fill(0));
  });

  itWith('native', 'is the same from the native addon', () => {
    expect(quantizeTwoWay(weight, rows, columns)).toEqual(made);
  });
});

describe.each([4, 8] as const)('%i bits in blocks', (bits) => {
  const [rows, columns] = [5, 70];
  const weight = matrix(rows, columns);
  const made = withTwin(() => quantizeBlocks(weight, rows, columns, bits));

  it('says by how much it is off', () => {
    const back = dequantizeBlocks(made, rows, columns, bits);
    const squared = weight.reduce((sum, value, at) => sum + (value - back[at]!) ** 2, 0);
    expect(made.error.difference / squared).toBeCloseTo(1, 4);
  });

  it('is within a level of every weight, and exact at the largest of each block', () => {
    const back = dequantizeBlocks(made, rows, columns, bits);
    for (let row = 0; row < rows; row++)
      for (let start = 0, block = 0; start < columns; start += 32, block++) {
        const part = (of: Float32Array): Float32Array =>
          of.subarray(row * columns + start, row * columns + Math.min(start + 32, columns));
        const scale = Math.abs(made.scales[row * 3 + block]!);
        const [own, other] = [part(weight), part(back)];
        const at = own.findIndex((value) => Math.abs(value) === Math.max(...own.map(Math.abs)));
        expect(other[at]).toBeCloseTo(own[at]!, 5);
        // -8..7 cannot reach +8 levels: there a weight may be off by a whole one.
        own.forEach((value, index) =>
          expect(Math.abs(value - other[index]!)).toBeLessThanOrEqual((bits === 4 ? 1 : 0.5) * scale * 1.001),
        );
      }
  });

  itWith('native', 'is the same from the native addon', () => {
    expect(quantizeBlocks(weight, rows, columns, bits)).toEqual(made);
  });
});
