import { describe, expect, it } from 'vitest';
import { multiply, transpose } from '../../../main/engine/linear-algebra/matrix.ts';
import { takeIn, updateTriangle } from '../../../main/engine/linear-algebra/triangle.ts';
import { createRandom } from '../../../main/engine/random.ts';

const random = createRandom(9);
const n = 37;
const rows = (count: number, rank = n): Float64Array => {
  const basis = Array.from({ length: rank }, () => Float64Array.from({ length: n }, () => random.normal()));
  const x = new Float64Array(count * n);
  for (let row = 0; row < count; row++)
    for (const direction of basis) {
      const share = random.normal();
      direction.forEach((value, at) => (x[row * n + at]! += share * value));
    }
  return x;
};

const gram = (x: Float64Array): Float64Array => {
  const sum = new Float64Array(n * n);
  for (let row = 0; row < x.length / n; row++)
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) sum[i * n + j]! += x[row * n + i]! * x[row * n + j]!;
  return sum;
};

const largest = (x: Float64Array): number => x.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

const isTriangle = (r: Float64Array): boolean =>
  r.every((value, at) => {
    const [row, column] = [Math.floor(at / n), at % n];
    return row < column || (row === column ? value >= 0 : value === 0);
  });

it.each([1, 20, 37, 200])('has the Gram matrix of all that was taken in: %i rows, then 50', async (count) => {
  const [first, second] = [rows(count), rows(50)];
  const whole = gram(Float64Array.from([...first, ...second]));
  for (const update of [
    updateTriangle,
    (t: Float64Array | undefined, x: Float64Array) => takeIn(t?.slice() ?? new Float64Array(n * n), x, n),
  ]) {
    const r = await update(await update(undefined, first, n), second, n);
    expect(isTriangle(r)).toBe(true);
    const off = gram(r).map((value, at) => value - whole[at]!);
    expect(largest(off) / largest(whole)).toBeLessThan(1e-13);
  }
});

it('does not lose small directions, which a Gram matrix does', async () => {
  // Two columns that differ by 1e-10: the square of that is beyond what fp64 can tell from 1.
  const x = Float64Array.from({ length: 40 * 2 }, (_, at) =>
    at % 2 === 0 ? 1 : 1 + 1e-10 * Math.floor(at / 2),
  );
  const r = takeIn(new Float64Array(4), x, 2);
  const mean = 19.5e-10;
  const deviation = Math.sqrt(
    Array.from({ length: 40 }, (_, at) => (1e-10 * at - mean) ** 2).reduce((a, b) => a + b),
  );
  expect(r[3]! / deviation).toBeCloseTo(1, 4);
  expect((await updateTriangle(undefined, x, 2))[3]! / deviation).toBeCloseTo(1, 4);
});

it('takes dependent rows and rows of zeros', async () => {
  const x = rows(60, 5);
  x.fill(0, 3 * n, 9 * n);
  const r = await updateTriangle(undefined, x, n);
  const off = gram(r).map((value, at) => value - gram(x)[at]!);
  expect(largest(off) / largest(gram(x))).toBeLessThan(1e-13);
  expect(await updateTriangle(r, new Float64Array(4 * n), n)).toHaveLength(n * n);
});

/** Rows over `width` columns of numbers that were drawn, changed by `change`. */
const drawn = (
  count: number,
  width: number,
  change: (value: number, row: number, column: number, all: Float64Array) => number,
): Float64Array => {
  const all = Float64Array.from({ length: count * width }, () => random.normal());
  return all.map((value, at) => change(value, Math.floor(at / width), at % width, all));
};

/**
 * Dependent rows leave rounding behind, then rounding of rounding: after some dozen columns it is subnormal. So there are more columns here
 * than a double has exponents for.
 */
const width = 90;
const short: [string, Float64Array][] = [
  ['one row', drawn(1, width, (value) => value)],
  ['three rows', drawn(3, width, (value) => value)],
  ['zero columns', drawn(120, width, (value, _, column) => (column % 5 === 0 || column < 4 ? 0 : value))],
  ['zero rows', drawn(120, width, (value, row) => (row % 3 === 0 ? value : 0))],
  ['repeated columns', drawn(120, width, (_, row, column, all) => all[row * width + (column % 6)]!)],
  ['repeated rows', drawn(120, width, (_, row, column, all) => all[(row % 4) * width + column]!)],
  ['one column', drawn(20, width, (value, _, column) => (column === 13 ? value : 0))],
  ['small integers', drawn(5, width, (value) => Math.round(3 * value))],
  ['negative zeros', new Float64Array(8 * width).fill(-0)],
  ['subnormal in fp32', drawn(120, width, (value) => Math.fround(1e-42 * value))],
  ['squares that underflow', drawn(120, width, (value) => 1e-170 * value)],
  ['squares that overflow', drawn(120, width, (value) => 1e200 * value)],
  ['columns of falling size', drawn(120, width, (value, _, column) => value * 10 ** (-3 * column))],
  ['columns of rising size', drawn(120, width, (value, _, column) => value * 10 ** (3 * column - 270))],
  ['rows of falling size', drawn(90, width, (value, row) => value * 10 ** (-3 * row))],
];

describe.each([
  ['as it is', updateTriangle],
  [
    'the twin',
    (r: Float64Array | undefined, x: Float64Array) =>
      takeIn(r?.slice() ?? new Float64Array(width ** 2), x, width),
  ],
] as const)('rows that do not fill the space, %s', (_, update) => {
  it.each(short)('%s', async (_, x) => {
    for (const count of [x.length / width, 3, 1]) {
      let r: Float64Array | undefined;
      for (let from = 0; from < x.length; from += count * width)
        r = await update(r, x.subarray(from, from + count * width), width);
      expect(r!.every(Number.isFinite)).toBe(true);
      const unit = largest(x) || 1;
      const [made, asked] = [r!, x].map((data) => {
        const scaled = { rows: data.length / width, columns: width, data: data.map((value) => value / unit) };
        return multiply(transpose(scaled), scaled).data;
      }) as [Float64Array, Float64Array];
      expect(largest(made.map((value, at) => value - asked[at]!))).toBeLessThan(
        1e-13 * largest(asked) + 1e-300,
      );
    }
  });
});
