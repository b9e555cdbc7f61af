import { describe, expect, it } from 'vitest';
import { createGraphBuilder } from '../../../main/engine/graph/create-graph-builder.ts';
import type { Graph, Value } from '../../../main/engine/graph/graph.ts';
import { nativeTarget, portableTarget, toOnnx } from '../../../main/engine/lower/lower.ts';
import { createRandom } from '../../../main/engine/random.ts';
import { runLowered } from './run-lowered.ts';

const shape = [2, 4, 'sequence', 3] as const;

/** Gradients of attention over 32 positions. */
const gradients = ({
  tile,
  headsAtOnce = null,
  softcap = null,
}: {
  tile: number;
  headsAtOnce?: number | null;
  softcap?: number | null;
}): Graph => {
  const g = createGraphBuilder();
  const [q, output, gradient] = ['q', 'output', 'gradient'].map((name) =>
    g.input(name, 'float32', shape),
  ) as [Value, Value, Value];
  const [k, v] = ['k', 'v'].map((name) => g.input(name, 'float32', [2, 2, 'sequence', 3])) as [Value, Value];
  return g.build({
    ...g.apply(
      'attentionGradient',
      { q, k, v, output, gradient, biases: [] },
      { scale: 0.5, tile, headsAtOnce, positions: 32, causal: true, softcap },
    ),
  });
};

const typesOf = (graph: Graph, target = nativeTarget): string[] =>
  toOnnx(graph, target).model.nodes.map(({ type }) => type);

describe('an operator of many nodes', () => {
  it('is one node of the graph, whose views lie outside', () => {
    const extents = ['Shape', 'Concat'];
    const outputs = ['Identity', 'Identity', 'Identity'];
    expect(typesOf(gradients({ tile: 4 }))).toEqual([...extents, 'If', ...outputs]);
    expect(typesOf(gradients({ tile: 32 }))).toEqual([...extents, 'If', 'Reshape', ...outputs]);
  });

  it('is as it was where nodes may run on a device, or where it is few nodes', () => {
    expect(typesOf(gradients({ tile: 4 }), portableTarget)).not.toContain('If');
    const g = createGraphBuilder();
    expect(typesOf(g.build({ y: g.silu(g.input('x', 'float32', ['sequence']), 2) }))).not.toContain('If');
  });

  it('is as it was where its result lies in its input’s memory, which it would be copied from', () => {
    const g = createGraphBuilder();
    const x = g.input('x', 'float32', ['sequence']);
    const awaited = Array.from({ length: 20 }, () => g.negate(x));
    expect(typesOf(g.build({ y: g.after(x, awaited) }))).not.toContain('If');
  });

  it.each([
    ['in tiles', { tile: 4 }],
    ['in one', { tile: 32 }],
    ['head by head', { tile: 8, headsAtOnce: 2 }],
    ['with a soft cap', { tile: 8, softcap: 3 }],
  ])('gives the same numbers, to the bit: attention %s', async (_, options) => {
    const random = createRandom(4);
    const draw = (...of: number[]) => ({
      shape: of,
      data: Float32Array.from({ length: of.reduce((a, b) => a * b) }, () => random.uniform() - 0.5),
    });
    for (const sequence of [32, 13]) {
      const [q, output, gradient] = [0, 1, 2].map(() => draw(2, 4, sequence, 3)) as [never, never, never];
      const [k, v] = [0, 1].map(() => draw(2, 2, sequence, 3)) as [never, never];
      const inputs = { q, k, v, output, gradient };
      const graph = gradients(options);
      const flat = await runLowered(graph, { ...nativeTarget, nests: false }, inputs);
      expect(await runLowered(graph, nativeTarget, inputs)).toEqual(flat);
    }
  });
});
