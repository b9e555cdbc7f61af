import { describe, expect, it } from 'vitest';
import { differentiate } from '../../../main/engine/autodiff/differentiate.ts';
import { createGraphBuilder } from '../../../main/engine/graph/create-graph-builder.ts';
import { dump } from '../../../main/engine/graph/dump.ts';
import type { Graph, Node, Value } from '../../../main/engine/graph/graph.ts';
import { verify } from '../../../main/engine/graph/verify.ts';

describe('builder', () => {
  it('refuses what does not fit, naming the operator and the shapes', () => {
    const g = createGraphBuilder();
    const a = g.input('a', 'float32', [2, 3]);
    const b = g.input('b', 'float32', [2, 3]);
    expect(() => g.matmul(a, b)).toThrow(
      'matmul: float32[2, 3] and float32[2, 3] do not multiply (transposed: false, false)',
    );
    expect(() => g.reshape(a, [4])).toThrow('reshape: [2, 3] has not as many elements as [4]');
    expect(() => g.add(a, g.input('c', 'int64', [2, 3]))).toThrow('add: needs float32, has int64[2, 3]');
    expect(() => g.slice(a, 1, 2, 5)).toThrow('slice: 2..5 is no part of axis 1 of [2, 3]');
    expect(() => g.transpose(a, [0, 0])).toThrow('transpose: (0, 0) is no permutation');
  });

  it('differentiates a linear layer by its weight alone, and drops the rest', () => {
    const g = createGraphBuilder();
    const x = g.input('x', 'float32', ['batch', 'sequence', 4]);
    const w = g.input('w', 'float32', [2, 4]);
    const y = g.silu(g.matmul(x, w, { transposeB: true }), 1);
    const loss = g.reshape(g.sum(y, [0, 1, 2]), []);
    const [gradient] = differentiate(g, loss, [w]);
    expect(dump(g.build({ loss, gradient: gradient as Value }))).toMatchInlineSnapshot(`
      "input x = %0: float32[batch, sequence, 4]
      input w = %1: float32[2, 4]
      initializer scalar:1 = %6: float32[]
      %2: float32[batch, sequence, 2] = matmul(%0, %1) {transposeB: true}
      %3: float32[batch, sequence, 2] = silu(%2) {alpha: 1}
      %4: float32[1, 1, 1] = sum(%3) {axes: [0,1,2]}
      %5: float32[] = reshape(%4) {shape: []}
      %7: float32[] = expand(%6) {shape: []}
      %8: float32[1, 1, 1] = reshape(%7) {shape: [1,1,1]}
      %9: float32[batch, sequence, 2] = expand(%8) {shape: ["batch","sequence",2]}
      %10: float32[batch, sequence, 2] = activationGradient(%2, %9) {activation: {"kind":"silu","alpha":1}}
      %12: float32[batch*sequence, 4] = reshape(%0) {shape: ["batch*sequence",4]}
      %13: float32[batch*sequence, 2] = reshape(%10) {shape: ["batch*sequence",2]}
      %14: float32[2, 4] = matmul(%13, %12) {transposeA: true}
      output loss = %5
      output gradient = %14"
    `);
  });

  it('gives undefined for what the loss does not depend on', () => {
    const g = createGraphBuilder();
    const [x, y] = [g.input('x', 'float32', []), g.input('y', 'float32', [])];
    expect(differentiate(g, g.multiply(x, 2), [y])).toEqual([undefined]);
  });
});

describe('verify', () => {
  const graph = () => {
    const g = createGraphBuilder();
    return g.build({ y: g.negate(g.exponential(g.input('x', 'float32', [2]))) });
  };
  it('returns a graph that is in order, also where no builder made it', () => {
    const [x, y] = [2, 1].map((extent, id): Value => ({ id, dataType: 'float32', shape: [extent] }));
    const byHand: Graph = {
      inputs: [{ name: 'x', value: x! }],
      initializers: [],
      nodes: [
        {
          operator: 'sum',
          inputs: [x!],
          attributes: { axes: [0] },
          outputs: [y!],
          origin: { part: '', direction: 'forward' },
        },
      ],
      outputs: [{ name: 'y', value: y! }],
    };
    expect(verify(byHand)).toBe(byHand);
  });
  it('finds nodes with too few inputs, and with too few outputs', () => {
    const g = createGraphBuilder();
    const x = g.input('x', 'float32', [2, 3]);
    const good = g.build({ y: g.rmsNorm(g.multiply(x, x), g.input('w', 'float32', [3]), 1e-5) });
    const [product, norm] = good.nodes as [Node, Node];
    const lonely = { ...product, inputs: [x] } as Node;
    expect(() => verify({ ...good, nodes: [lonely, norm] })).toThrow('multiply: takes 2 (a, b), has 1');
    const silent = { ...norm, outputs: norm.outputs.slice(0, 1) } as Node;
    expect(() => verify({ ...good, nodes: [product, silent] })).toThrow('has 1 outputs, not 2');
  });
  it('finds nodes out of order', () => {
    const good = graph();
    expect(() => verify({ ...good, nodes: good.nodes.toReversed() })).toThrow(
      'node 0 (negate): input 1 is not defined before',
    );
  });
  it('finds values defined twice, names used twice, outputs that nobody makes', () => {
    const good = graph();
    expect(() => verify({ ...good, nodes: [...good.nodes, ...good.nodes] })).toThrow('is defined twice');
    expect(() => verify({ ...good, inputs: [...good.inputs, ...good.inputs] })).toThrow(
      'the name x occurs twice',
    );
    expect(() => verify({ ...good, nodes: [] })).toThrow('output y is not defined');
  });
  it('finds an output whose type is not its rule’s', () => {
    const good = graph();
    const [first, second] = good.nodes;
    const wrong = { ...second!, outputs: [{ ...second!.outputs[0]!, shape: [3] }] } as typeof second;
    expect(() => verify({ ...good, nodes: [first!, wrong!], outputs: [] })).toThrow(
      'output 0 has another type than its rule gives',
    );
  });
});
