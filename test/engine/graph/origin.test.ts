import { describe, expect, it } from 'vitest';
import { differentiate } from '../../../main/engine/autodiff/differentiate.ts';
import { createGraphBuilder } from '../../../main/engine/graph/create-graph-builder.ts';
import type { Graph } from '../../../main/engine/graph/graph.ts';
import { joinedOrigin } from '../../../main/engine/graph/origin.ts';
import { rewrite } from '../../../main/engine/graph/rewrite.ts';
import { nativeTarget, toOnnx } from '../../../main/engine/lower/lower.ts';
import { placeOf } from '../../../main/engine/lower/node-names.ts';

/** Nodes as 'part operator direction', an operator's gradient as the operator. */
const told = ({ nodes }: Graph): string[] =>
  nodes.map(({ operator, origin: { part, direction, of = operator } }) => `${part} ${of} ${direction}`);

describe('where a node comes from', () => {
  it('is the parts that it was added in, from the outside in', () => {
    const g = createGraphBuilder();
    const x = g.input('x', 'float32', [2]);
    const y = g.within('tower', () => {
      const squared = g.within('norm', () => g.multiply(x, x));
      return g.within('tower', () => g.add(squared, 1));
    });
    expect(told(g.build({ y: g.negate(y) }))).toEqual([
      'tower/norm multiply forward',
      'tower add forward',
      ' negate forward',
    ]);
  });

  it('is left again where adding fails', () => {
    const g = createGraphBuilder();
    const x = g.input('x', 'float32', [2]);
    expect(() => g.within('norm', () => g.reshape(x, [3]))).toThrow();
    expect(told(g.build({ y: g.negate(x) }))).toEqual([' negate forward']);
  });

  const gradientOfGate = (): Graph => {
    const g = createGraphBuilder();
    const x = g.input('x', 'float32', [2, 3]);
    const w = g.input('w', 'float32', [3, 3]);
    const y = g.within('up_proj', () => g.mark(g.matmul(x, w), 'costly'));
    const gated = g.within('activation', () => g.silu(y, 1));
    const loss = g.within('loss', () => g.sum(g.multiply(gated, gated), [0, 1]));
    const [gradient] = differentiate(g, loss, [w], { keeps: (value) => g.costs.has(value) });
    return g.build({ gradient: gradient! });
  };

  it('goes on in gradients: the part, which way, and whose gradient it is', () => {
    const nodes = told(gradientOfGate());
    expect(nodes).toContain('up_proj matmul forward');
    expect(nodes).toContain('activation silu recomputed');
    expect(nodes).toContain('activation silu backward');
    expect(nodes).toContain('loss multiply backward');
    expect(nodes.at(-1)).toBe('up_proj matmul backward');
    // A gradient rule of SiLU has multiplications and a sigmoid in it: all are SiLU's.
    expect(nodes).not.toContain('activation multiply backward');
  });

  it('stays in a graph that is made anew', () => {
    const graph = gradientOfGate();
    expect(told(rewrite(graph, [() => () => undefined]))).toEqual(told(graph));
  });

  it('of a node for several has the parts of all', () => {
    const of = (part: string) => ({ part, direction: 'forward' }) as const;
    expect(joinedOrigin([of('q_proj'), of('k_proj'), of('q_proj')])).toEqual(of('q_proj+k_proj'));
  });

  it('is in the names of lowered nodes, with their place in the graph', () => {
    const graph = gradientOfGate();
    const { nodes } = toOnnx(graph, nativeTarget).model;
    const names = nodes.flatMap(({ name }) => name ?? []);
    expect(new Set(names).size).toBe(names.length);
    const product = nodes.find(({ type }) => /MatMul/.test(type))!;
    const place = graph.nodes.findIndex(({ operator }) => operator === 'matmul');
    expect(product.name).toBe(`up_proj.matmul.forward#${place}.0`);
    expect(names.map(placeOf).every((at) => at !== undefined && graph.nodes[at])).toBe(true);
  });
});
