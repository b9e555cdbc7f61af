import { describe, expect, it } from 'vitest';
import { createGraphBuilder } from '../../../main/engine/graph/create-graph-builder.ts';
import type { Graph } from '../../../main/engine/graph/graph.ts';
import {
  nativeTarget,
  portableTarget,
  toOnnx,
  type LoweringTarget,
} from '../../../main/engine/lower/lower.ts';
import type { OnnxAttribute } from '../../../main/engine/lower/onnx-model.ts';
import { runLowered } from './run-lowered.ts';

const attributeText = (value: OnnxAttribute): string => {
  if (typeof value !== 'object') return String(value);
  if ('graph' in value) return `${value.graph.nodes.length} nodes`;
  return 'tensor' in value ? `[${value.tensor.join(', ')}]` : value.join(',');
};

/** The nodes of the lowered graph, a line each. */
const nodesOf = (graph: Graph, target: LoweringTarget): string =>
  toOnnx(graph, target)
    .model.nodes.map(({ type, inputs, outputs, attributes = {} }) => {
      const said = Object.entries(attributes).map(([name, value]) => `${name}: ${attributeText(value)}`);
      return `${outputs.join(', ')} = ${type}(${inputs.join(', ')})${said.length > 0 ? ` {${said.join(', ')}}` : ''}`;
    })
    .join('\n');

const normed = (): Graph => {
  const g = createGraphBuilder();
  const x = g.input('x', 'float32', ['batch', 'sequence', 4]);
  const { y, inverse } = g.apply('rmsNorm', { x, weight: g.input('w', 'float32', [4]) }, { epsilon: 1e-5 });
  return g.build({ y: g.silu(g.reshape(y, ['batch*sequence', 4]), 1), inverse });
};

describe('a lowered graph', () => {
  it('has the runtime’s fused operators on the CPU, and values under the numbers that they have in the graph', () => {
    expect(nodesOf(normed(), nativeTarget)).toMatchInlineSnapshot(`
      "v2, v3 = SimplifiedLayerNormalization(x, w) {axis: -1, epsilon: 0.00001}
      v4 = Reshape(v2, integers:-1,4)
      v5 = QuickGelu(v4) {alpha: 1}
      y = Identity(v5)
      inverse = Identity(v3)"
    `);
  });

  it('has ONNX’s own operators alone for devices', () => {
    expect(nodesOf(normed(), portableTarget)).toMatchInlineSnapshot(`
      "t0 = Mul(x, x)
      t1 = ReduceMean(t0, integers:-1) {keepdims: 1}
      t2 = Add(t1, float32:0.00001:0)
      t3 = Sqrt(t2)
      v3 = Reciprocal(t3)
      t5 = Mul(x, v3)
      v2 = Mul(t5, w)
      v4 = Reshape(v2, integers:-1,4)
      t8 = Sigmoid(v4)
      v5 = Mul(v4, t8)
      y = Identity(v5)
      inverse = Identity(v3)"
    `);
  });

  it('refuses a rule that returns a name of none of its nodes, or one for two outputs', () => {
    const broken = (rules: Partial<LoweringTarget['rules']>): LoweringTarget => ({
      ...nativeTarget,
      rules: { ...nativeTarget.rules, ...rules },
    });
    const foreign = broken({ silu: ({ inputs: { x } }) => x });
    expect(() => toOnnx(normed(), foreign)).toThrow('silu: its lowering returns (v4)');
    const double = broken({
      rmsNorm: ({ emit, inputs: { x } }) => {
        const y = emit('Identity', [x]);
        return { y, inverse: y };
      },
    });
    expect(() => toOnnx(normed(), double)).toThrow('rmsNorm: its lowering returns (t0)');
  });
});

describe('extents that are sums', () => {
  const cached = (): Graph => {
    const g = createGraphBuilder();
    const past = g.input('past', 'float32', ['batch', 'past', 2]);
    const now = g.input('now', 'float32', ['batch', 'sequence', 2]);
    const whole = g.concatenate([past, now], 1);
    const rows = g.reshape(g.negate(whole), ['batch*past+batch*sequence', 2]);
    return g.build({ rows, last: g.slice(whole, 1, 'past', 'past+sequence') });
  };

  it('are worked out by nodes on the CPU', () => {
    const g = createGraphBuilder();
    g.input('past', 'float32', ['past']);
    g.input('now', 'float32', ['sequence']);
    const graph = g.build({ y: g.expand(0, ['2*past+sequence+1']) });
    expect(nodesOf(graph, nativeTarget)).toMatchInlineSnapshot(`
      "t0 = Shape(past) {start: 0, end: 1}
      t1 = Mul(integers:2, t0)
      t2 = Shape(now) {start: 0, end: 1}
      t3 = Add(t1, t2)
      t4 = Add(t3, integers:1)
      v3 = Expand(scalar:0, t4)
      y = Identity(v3)"
    `);
  });

  it('are fed on devices', () => {
    expect(toOnnx(cached(), portableTarget).fedShapes).toMatchInlineSnapshot(`
      [
        {
          "name": "extents:past",
          "shape": [
            "past",
          ],
        },
        {
          "name": "extents:past+sequence",
          "shape": [
            "past+sequence",
          ],
        },
      ]
    `);
  });

  it.each([
    ['the CPU', nativeTarget],
    ['devices', portableTarget],
  ])('join and cut along a named axis, lowered for %s', async (_, target) => {
    const past = { shape: [1, 3, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6) };
    const now = { shape: [1, 2, 2], data: Float32Array.of(7, 8, 9, 10) };
    const { rows, last } = await runLowered(cached(), target, { past, now });
    expect(rows?.shape).toEqual([5, 2]);
    expect([...rows!.data]).toEqual([-1, -2, -3, -4, -5, -6, -7, -8, -9, -10]);
    expect(last?.shape).toEqual([1, 2, 2]);
    expect([...last!.data]).toEqual([7, 8, 9, 10]);
  });
});

describe('classes whose number is known only at run time', () => {
  /** Cross entropy of two rows over as many classes as there are columns. */
  const scored = (): Graph => {
    const g = createGraphBuilder();
    const targets = g.constant('targets', [2], BigInt64Array.of(2n, 0n));
    return g.build({ losses: g.crossEntropy(g.input('logits', 'float32', [2, 'texts']), targets) });
  };
  const logits = { shape: [2, 3], data: Float32Array.of(1, 2, 0.5, -1, 0, 3) };
  const lossOf = (row: readonly number[], target: number): number =>
    Math.log(row.reduce((sum, value) => sum + Math.exp(value), 0)) - row[target]!;

  it.each([
    ['the CPU', nativeTarget],
    ['devices', portableTarget],
    ['devices, with extents by nodes', { ...portableTarget, indices: 'int64', extents: 'computed' }],
  ] as const)('are counted, lowered for %s', async (_, target) => {
    const { losses } = await runLowered(scored(), target, { logits });
    expect(losses!.data[0]).toBeCloseTo(lossOf([1, 2, 0.5], 2), 6);
    expect(losses!.data[1]).toBeCloseTo(lossOf([-1, 0, 3], 0), 6);
  });

  it('are a row that is fed on devices', () =>
    expect(toOnnx(scored(), portableTarget).fedClasses).toEqual([{ name: 'classes:texts', count: 'texts' }]));
});
