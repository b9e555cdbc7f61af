import { describe, expect, it } from 'vitest';
import { createGraphBuilder } from '../../../main/engine/graph/create-graph-builder.ts';
import { matmulFlops } from '../../../main/engine/graph/flops.ts';
import { nativeTarget, portableTarget } from '../../../main/engine/lower/lower.ts';
import { createRandom } from '../../../main/engine/random.ts';
import { runLowered, type FloatTensor } from './run-lowered.ts';

const [batch, heads, keyValueHeads, width] = [2, 4, 2, 3];
const scale = 0.6;
const random = createRandom(21);
const draw = (...shape: number[]): FloatTensor => ({
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.uniform() - 0.5),
});

/** softmax(scale q k^T + bias) v, term by term. */
const naive = (q: FloatTensor, k: FloatTensor, v: FloatTensor, bias: FloatTensor): number[] => {
  const [queries, keys] = [q.shape[2]!, k.shape[2]!];
  const result: number[] = [];
  for (let row = 0; row < batch; row++)
    for (let head = 0; head < heads; head++) {
      const shared = row * keyValueHeads + Math.floor((head * keyValueHeads) / heads);
      for (let query = 0; query < queries; query++) {
        const scores = Array.from({ length: keys }, (_, key) => {
          let dot = 0;
          for (let at = 0; at < width; at++)
            dot +=
              q.data[((row * heads + head) * queries + query) * width + at]! *
              k.data[(shared * keys + key) * width + at]!;
          return scale * dot + bias.data[(row * queries + query) * keys + key]!;
        });
        const weights = scores.map((score) => Math.exp(score - Math.max(...scores)));
        const total = weights.reduce((a, b) => a + b, 0);
        for (let at = 0; at < width; at++)
          result.push(
            weights.reduce(
              (sum, weight, key) => sum + (weight / total) * v.data[(shared * keys + key) * width + at]!,
              0,
            ),
          );
      }
    }
  return result;
};

/** Keys of a cache and of a step: `past` of them before those of the queries, which see no key after their own. */
const cached = (tile: number) => {
  const g = createGraphBuilder();
  const keys = (extent: string) => [batch, keyValueHeads, extent, width];
  const joined = (name: string) =>
    g.concatenate(
      [g.input(`${name}_past`, 'float32', keys('past')), g.input(`${name}_now`, 'float32', keys('sequence'))],
      2,
    );
  const q = g.input('q', 'float32', [batch, heads, 'sequence', width]);
  const bias = g.input('bias', 'float32', [batch, 1, 'sequence', 'past+sequence']);
  const attributes = {
    scale,
    tile,
    headsAtOnce: null,
    positions: 6,
    causal: true,
    softcap: null,
    outputKept: true,
  };
  return g.build({ y: g.attention(q, joined('k'), joined('v'), [bias], attributes) });
};

const joinKeys = (past: FloatTensor, now: FloatTensor): FloatTensor => {
  const [before, after] = [past.shape[2]! * width, now.shape[2]! * width];
  const rows = Array.from({ length: batch * keyValueHeads }, (_, row) => [
    ...past.data.subarray(row * before, (row + 1) * before),
    ...now.data.subarray(row * after, (row + 1) * after),
  ]);
  const shape = [batch, keyValueHeads, past.shape[2]! + now.shape[2]!, width];
  return { shape, data: Float32Array.from(rows.flat()) };
};

const causalBias = (past: number, sequence: number): FloatTensor => {
  const keys = past + sequence;
  return {
    shape: [batch, 1, sequence, keys],
    data: Float32Array.from({ length: batch * sequence * keys }, (_, at) =>
      at % keys > past + (Math.floor(at / keys) % sequence) ? -1e30 : 0,
    ),
  };
};

describe('attention to more keys than queries', () => {
  for (const [name, target] of [
    ['the CPU', nativeTarget],
    ['devices', portableTarget],
  ] as const)
    it.each([
      [1, 7, 5],
      [2, 7, 5],
      [2, 0, 5],
      [8, 7, 5],
      [2, 7, 1],
    ])(`lowered for ${name}, tile %i, past %i, sequence %i`, async (tile, past, sequence) => {
      const q = draw(batch, heads, sequence, width);
      const [kPast, vPast] = [
        draw(batch, keyValueHeads, past, width),
        draw(batch, keyValueHeads, past, width),
      ];
      const [kNow, vNow] = [
        draw(batch, keyValueHeads, sequence, width),
        draw(batch, keyValueHeads, sequence, width),
      ];
      const bias = causalBias(past, sequence);
      const { y } = await runLowered(cached(tile), target, {
        ...{ q, bias, k_past: kPast, k_now: kNow, v_past: vPast, v_now: vNow },
      });
      expect(y?.shape).toEqual(q.shape);
      const expected = naive(q, joinKeys(kPast, kNow), joinKeys(vPast, vNow), bias);
      const error = Math.max(...expected.map((value, at) => Math.abs(value - y!.data[at]!)));
      expect(error).toBeLessThan(1e-6);
    });

  it('counts the products with every key', () => {
    expect(matmulFlops(cached(2), { past: 7, sequence: 5 })).toBe(2 * 2 * batch * heads * 5 * 12 * width);
  });

  it('is refused where values are not as many as keys, or the bias is of another shape', () => {
    const g = createGraphBuilder();
    const value = (name: string, ...shape: number[]) => g.input(name, 'float32', shape);
    const [q, k] = [value('q', 2, 4, 5, 3), value('k', 2, 2, 8, 3)];
    const attributes = {
      scale,
      tile: 2,
      headsAtOnce: null,
      positions: 6,
      causal: false,
      softcap: null,
      outputKept: true,
    };
    const [v, bias] = [value('v', 2, 2, 8, 3), value('bias', 2, 1, 5, 8)];
    expect(g.attention(q, k, v, [bias], attributes).shape).toEqual([2, 4, 5, 3]);
    const few = value('few', 2, 2, 5, 3);
    expect(() => g.attention(q, k, few, [bias], attributes)).toThrow('do not belong together');
    const square = value('square', 2, 1, 5, 5);
    expect(() => g.attention(q, k, v, [square], attributes)).toThrow('do not belong together');
  });
});
