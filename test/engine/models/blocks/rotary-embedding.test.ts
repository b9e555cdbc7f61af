import { describe, expect, it } from 'vitest';
import { createGraphBuilder } from '../../../../main/engine/graph/create-graph-builder.ts';
import {
  applyRotary,
  inverseFrequencies,
  rotaryTables,
  type RotaryConfiguration,
} from '../../../../main/engine/models/blocks/rotary-embedding.ts';
import { tokenInputs } from '../../../../main/engine/models/model.ts';
import { largestDifference, numbers, rows, runOnRows, shape } from './tokens.ts';

const [batch, sequence] = shape;
const plain: RotaryConfiguration = { theta: 100, scaling: { rope_type: 'default' }, share: 1 };

describe('turning heads by their positions', () => {
  it.each([
    ['all of a head', plain],
    ['half of it', { ...plain, share: 0.5 }],
    ['slowed by a linear scaling', { ...plain, scaling: { rope_type: 'linear', factor: 3 } } as const],
  ])('turns %s', async (_, configuration) => {
    const [heads, width] = [2, 8];
    const g = createGraphBuilder();
    const { positionIds } = tokenInputs(g);
    const x = g.input('x', 'float32', ['batch', heads, 'sequence', width]);
    const tables = rotaryTables(g, configuration, { positions: 8, width, number: 0 });
    const data = numbers('x', batch * heads * sequence * width);
    const { turned: own } = await runOnRows(g.build({ turned: applyRotary(g, x, positionIds, tables) }), {
      x: { shape: [batch, heads, sequence, width], data },
    });

    // transformers: x cos + rotate_half(x) sin, number i of the first half paired with number i of the second.
    const turned = width * configuration.share;
    const slower = configuration.scaling.rope_type === 'linear' ? configuration.scaling.factor : 1;
    const expected = [...data];
    for (const [b, { positions }] of rows.entries())
      for (let head = 0; head < heads; head++)
        for (let t = 0; t < sequence; t++)
          for (let i = 0; i < turned / 2; i++) {
            const angle = (positions[t]! * configuration.theta ** ((-2 * i) / turned)) / slower;
            const start = ((b * heads + head) * sequence + t) * width;
            const [first, second] = [data[start + i]!, data[start + i + turned / 2]!];
            expected[start + i] = first * Math.cos(angle) - second * Math.sin(angle);
            expected[start + i + turned / 2] = second * Math.cos(angle) + first * Math.sin(angle);
          }
    expect(largestDifference(own!, expected)).toBeLessThan(1e-5);
  });

  it('slows every frequency alike where the scaling is linear', () =>
    expect([...inverseFrequencies({ ...plain, scaling: { rope_type: 'linear', factor: 4 } }, 8)]).toEqual(
      [...inverseFrequencies(plain, 8)].map((frequency) => Math.fround(frequency / 4)),
    ));
});
