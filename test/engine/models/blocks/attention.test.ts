import { describe, expect, it } from 'vitest';
import { createGraphBuilder } from '../../../../main/engine/graph/create-graph-builder.ts';
import {
  attentionBias,
  flattenTokens,
  groupedAttention,
  shapeOfTokens,
  splitHeads,
} from '../../../../main/engine/models/blocks/attention.ts';
import { tokenInputs } from '../../../../main/engine/models/model.ts';
import { largestDifference, mayLook, numbers, rows, runOnRows, shape } from './tokens.ts';

const [batch, sequence] = shape;
const places = Array.from({ length: sequence }, (_, at) => at);

const patterns = [
  { causal: true, window: null },
  { causal: false, window: null },
  { causal: true, window: 2 },
  { causal: true, window: 1 },
] as const;

describe('what is added to the scores', () => {
  it.each(patterns)('lets a query see its own text, with %j', async (pattern) => {
    const g = createGraphBuilder();
    const { bias } = await runOnRows(
      g.build({ bias: attentionBias({ g, tokens: tokenInputs(g), past: null }, pattern) }),
    );
    const expected = rows.flatMap((row) =>
      places.flatMap((i) => places.map((j) => mayLook(row, [i, j], pattern))),
    );
    expect(Array.from(bias!, (value) => value === 0)).toEqual(expected);
    expect(Math.max(...bias!.filter((value) => value !== 0))).toBeLessThan(-1e20);
  });
});

describe('heads', () => {
  it('are neighbouring numbers of a token', async () => {
    const g = createGraphBuilder();
    const tokens = tokenInputs(g);
    const x = g.input('x', 'float32', ['batch', 'sequence', 6]);
    const data = numbers('x', batch * sequence * 6);
    const split = splitHeads(g, shapeOfTokens(tokens), flattenTokens(g, x), { heads: 2, width: 3 });
    const { heads } = await runOnRows(g.build({ heads: split }), { x: { shape: [...shape, 6], data } });
    const expected = rows.flatMap((_, b) =>
      [0, 1].flatMap((head) =>
        places.flatMap((t) => [0, 1, 2].map((at) => data[(b * sequence + t) * 6 + head * 3 + at]!)),
      ),
    );
    expect([...heads!]).toEqual(expected);
  });

  it.each([null, 0.5])('of queries share those of keys, neighbours first; soft cap %s', async (softcap) => {
    const [heads, shared, width, scale] = [4, 2, 3, 0.7];
    const pattern = { causal: true, window: null };
    const g = createGraphBuilder();
    const bias = attentionBias({ g, tokens: tokenInputs(g), past: null }, pattern);
    const input = (name: string, count: number) =>
      g.input(name, 'float32', ['batch', count, 'sequence', width]);
    const mixed = groupedAttention(
      { g, past: null, positions: 8 },
      [input('q', heads), input('k', shared), input('v', shared)],
      {
        bias,
        scale,
        causal: true,
        softcap,
      },
    );
    const tensor = (name: string, count: number) => ({
      shape: [batch, count, sequence, width],
      data: numbers(name, batch * count * sequence * width),
    });
    const [q, k, v] = [tensor('q', heads), tensor('k', shared), tensor('v', shared)];
    const { mixed: own } = await runOnRows(g.build({ mixed }), { q, k, v });

    const at = ({ data, shape: [, count] }: typeof q, b: number, head: number, t: number, i: number) =>
      data[((b * count! + head) * sequence + t) * width + i]!;
    const widths = [0, 1, 2];
    const expected = rows.flatMap((row, b) =>
      places.flatMap((t) =>
        Array.from({ length: heads }, (_, head) => head).flatMap((head) => {
          const group = Math.floor(head / (heads / shared));
          const seen = places.filter((j) => mayLook(row, [t, j], pattern));
          const scores = seen.map((j) => {
            const score =
              scale * widths.reduce((sum, i) => sum + at(q, b, head, t, i) * at(k, b, group, j, i), 0);
            return Math.exp(softcap === null ? score : softcap * Math.tanh(score / softcap));
          });
          const total = scores.reduce((sum, score) => sum + score, 0);
          return widths.map((i) =>
            seen.reduce((sum, j, index) => sum + (scores[index]! / total) * at(v, b, group, j, i), 0),
          );
        }),
      ),
    );
    expect(largestDifference(own!, expected)).toBeLessThan(1e-6);
  });
});
