import { describe, expect, it } from 'vitest';
import { kaimingUniform } from '../../../main/engine/init/kaiming.ts';
import { createRandom } from '../../../main/engine/random.ts';

describe('kaimingUniform', () => {
  it('maps the uniform source onto [-bound, bound) with bound 1 / sqrt(fan in)', () => {
    const values = [0, 0.25, 0.5, 0.75, 0.125, 1 - 2 ** -20];
    const random = { uniform: () => values.shift()! };
    const expected = [-0.5, -0.25, 0, 0.25, -0.375, 0.5 - 2 ** -20, -0.5, -0.5].slice(0, 4);
    expect([...kaimingUniform(1, 4, random)]).toEqual(expected);
  });

  it('fills the interval evenly: variance bound^2 / 3', () => {
    const [rows, fanIn] = [200, 300];
    const values = kaimingUniform(rows, fanIn, createRandom(3));
    expect(values).toHaveLength(rows * fanIn);
    const bound = 1 / Math.sqrt(fanIn);
    expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(Math.fround(bound));
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    expect(Math.abs(mean)).toBeLessThan(0.01 * bound);
    expect(Math.abs(variance / (bound ** 2 / 3) - 1)).toBeLessThan(0.02);
  });

  it('repeats with the seed', () => {
    expect(kaimingUniform(4, 8, createRandom(5))).toEqual(kaimingUniform(4, 8, createRandom(5)));
  });

  it('has a gain of sqrt(2) without a slope (PEFT, VeRA: bound = sqrt(3) gain / sqrt(fan in))', () => {
    const most = Math.max(...kaimingUniform(100, 24, createRandom(6), 0).map(Math.abs));
    expect(most).toBeLessThanOrEqual(Math.sqrt(6 / 24));
    expect(most).toBeGreaterThan(0.99 * Math.sqrt(6 / 24));
  });
});
