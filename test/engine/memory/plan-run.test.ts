import { afterEach, describe, expect, it, vi } from 'vitest';
import { createGraphBuilder } from '../../../main/engine/graph/create-graph-builder.ts';
import type { Graph, Value } from '../../../main/engine/graph/graph.ts';
import { executionOrder } from '../../../main/engine/lower/execution-order.ts';
import { peakOf } from '../../../main/engine/memory/peak.ts';
import { planRun } from '../../../main/engine/memory/plan-run.ts';
import { itWith } from '../../support/requirements.ts';

const extents = { batch: 2, sequence: 8 };
/** Bytes of float32 (batch x sequence). */
const size = 2 * 8 * 4;

describe('the plan of a run', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it('gives an element by element result memory of its own, though its input dies: no kernel of ONNX Runtime takes that over', () => {
    const g = createGraphBuilder();
    const x = g.input('x', 'float32', ['batch', 'sequence']);
    const turned = g.transpose(x, [1, 0]);
    const peak = (y: Value): number => peakOf(planRun(g.build({ y: g.transpose(y, [1, 0]) }), extents));
    for (const y of [g.exponential(turned), g.detach(turned), g.softmax(turned)])
      expect(peak(y)).toBe(2 * size);
    expect(peak(g.multiply(turned, g.transpose(g.absolute(x), [1, 0])))).toBe(4 * size);
  });

  it('works in place where an input dies and the kernel does, and not where it is needed again', () => {
    const g = createGraphBuilder();
    const x = g.input('x', 'float32', ['batch', 'sequence']);
    const at = g.input('at', 'int64', ['sequence', 'batch']);
    const turned = g.transpose(x, [1, 0]);
    const scattered = g.scatterElements(turned, at, g.transpose(g.exponential(x), [1, 0]));
    expect(planRun(g.build({ y: g.sum(scattered, [0]) }), extents)).toHaveLength(4);
    expect(planRun(g.build({ y: g.sum(g.add(scattered, turned), [0]) }), extents)).toHaveLength(5);
  });

  it("never takes over the caller's inputs", () => {
    const g = createGraphBuilder();
    const x = g.input('x', 'float32', ['batch', 'sequence']);
    expect(planRun(g.build({ y: g.exponential(x) }), extents)).toEqual([
      expect.objectContaining({ bytes: size, from: 0, to: Infinity }),
    ]);
  });

  it('gives a reshaped value no bytes of its own, and keeps its buffer while either is needed', () => {
    const g = createGraphBuilder();
    const x = g.input('x', 'float32', ['batch', 'sequence']);
    const kept = g.transpose(x, [1, 0]);
    const flat = g.reshape(kept, ['batch*sequence']);
    const plan = planRun(g.build({ y: g.sum(flat, [0]) }), extents);
    expect(plan.map(({ bytes, from, to }) => [bytes, from, to])).toEqual([
      [size, 0, 2],
      [4, 2, Infinity],
    ]);
    expect(planRun(g.build({ y: g.reshape(x, ['batch*sequence']) }), extents)).toEqual([]);
  });

  it('gives a dead buffer to the next value of the same shape', () => {
    const g = createGraphBuilder();
    const x = g.input('x', 'float32', ['batch', 4]);
    const w = g.input('w', 'float32', [4, 4]);
    const chain = g.matmul(g.matmul(g.matmul(g.matmul(x, w), w), w), w);
    const plan = planRun(g.build({ y: chain }), extents);
    expect(plan.map(({ bytes }) => bytes)).toEqual([32, 32]);
  });

  it('shares buffers by extents that only a run knows', () => {
    const g = createGraphBuilder();
    const x = g.input('x', 'float32', ['batch', 'sequence']);
    const flat = g.reshape(g.transpose(x, [1, 0]), ['batch*sequence', 1]);
    expect(planRun(g.build({ y: g.negate(g.negate(g.exponential(flat))) }), extents)).toHaveLength(3);
  });

  it('counts what a kernel works with only while it runs', () => {
    const g = createGraphBuilder();
    const x = g.input('x', 'float32', ['batch', 'sequence']);
    const chosen = g.select(g.lessOrEqual(x, x), 0, 1);
    const plan = planRun(g.build({ y: chosen }), extents);
    expect(peakOf(plan)).toBe(size / 4 + 3 * size);
  });

  it('counts what convolutions unfold: an image at a time, where there are more kernels than pixels', () => {
    const peak = (images: number, kernels: number, kernel: number): number => {
      const g = createGraphBuilder();
      const x = g.input('x', 'float32', ['images', 4, 8, 8]);
      const w = g.input('w', 'float32', [kernels, 4, kernel, kernel]);
      const y = g.convolution(x, w, { stride: 1, padding: (kernel - 1) / 2 });
      return peakOf(planRun(g.build({ y }), { images }));
    };
    const bytes = (images: number, kernels: number): number => 4 * images * kernels * 64;
    const unfolded = 4 * 64 * 9 * 4;
    expect(peak(1, 8, 3)).toBe(bytes(1, 8));
    expect(peak(1, 80, 3)).toBe(bytes(1, 80) + unfolded);
    expect(peak(2, 8, 3)).toBe(bytes(2, 8));
    expect(peak(2, 80, 3)).toBe(bytes(2, 80) + unfolded);
    expect(peak(2, 80, 1)).toBe(bytes(2, 80));
  });

  it("counts the scores of one tile, or what attention's gradients make of them, without the addon", () => {
    vi.stubEnv('NORA_NATIVE', '0');
    const scores = 4 * 3 * 6 * 20;
    const allocated = (
      softcap: number | null,
      outputKept: boolean,
      queries: number,
      headsAtOnce = 3,
    ): readonly number[] => {
      const g = createGraphBuilder();
      const q = g.input('q', 'float32', ['batch', 3, 'queries', 4]);
      const k = g.input('k', 'float32', ['batch', 3, 20, 4]);
      const v = g.input('v', 'float32', ['batch', 3, 20, 4]);
      const attributes = { scale: 1, tile: 6, headsAtOnce, positions: 16, causal: false, softcap };
      const y = g.attention(q, k, v, [], { ...attributes, outputKept });
      const gradient = outputKept
        ? g.apply('attentionGradient', { q, k, v, output: y, gradient: q, biases: [] }, attributes)
        : g.apply('attentionGradientAlone', { q, k, v, gradient: q, biases: [] }, attributes);
      const plan = (graph: Parameters<typeof planRun>[0]) => planRun(graph, { batch: 1, queries });
      return [g.build({ y }), g.build(gradient)].map(
        (graph) =>
          plan(graph).filter(({ bytes, from, to }) => bytes === (scores * headsAtOnce) / 3 && from === to)
            .length,
      );
    };
    expect(allocated(null, false, 16)).toEqual([1, 3]);
    expect(allocated(9, false, 16)).toEqual([1, 4]);
    expect(allocated(null, true, 16)).toEqual([1, 3]);
    expect(allocated(null, true, 5)).toEqual([0, 0]);
    expect(allocated(null, true, 16, 1)).toEqual([1, 3]);
  });

  itWith(
    'native',
    'counts no scores with the addon, but what few heads gather by keys and values in parts',
    () => {
      const g = createGraphBuilder();
      const [q, k, v] = ['q', 'k', 'v'].map((name) => g.input(name, 'float32', ['batch', 4, 64, 8])) as [
        Value,
        Value,
        Value,
      ];
      const attributes = {
        scale: 1,
        tile: 64,
        headsAtOnce: null,
        positions: 64,
        causal: false,
        softcap: null,
      };
      const y = g.attention(q, k, v, [], { ...attributes, outputKept: true });
      const gradient = g.apply(
        'attentionGradient',
        { q, k, v, output: y, gradient: q, biases: [] },
        attributes,
      );
      const peak = (graph: Graph, batch: number): number =>
        peakOf(planRun(graph, { batch })) / (4 * 4 * 64 * 8);
      expect(peak(g.build({ y }), 1)).toBe(1);
      // y, the three gradients, and three parts more of those by k and v.
      expect(peak(g.build(gradient), 1)).toBe(4 + 2 * 3);
      expect(peak(g.build(gradient), 4)).toBe(4 * 4);
    },
  );

  it('counts what the gradients of a convolution work with', () => {
    const g = createGraphBuilder();
    const [x, d] = [
      g.input('x', 'float32', [1, 4, '8*rows', 8]),
      g.input('d', 'float32', [1, 6, '4*rows', 4]),
    ];
    const w = g.input('w', 'float32', [6, 4, 3, 3]);
    const kernel = { stride: 2, padding: 1 };
    const byInput = g.build({ y: g.convolutionByInput(d, w, { ...kernel, size: ['8*rows', 8] }) });
    expect(peakOf(planRun(byInput, { rows: 2 }))).toBe(4 * (4 * 16 * 8 + 2 * 4 * 9 * 8 * 4));
    // Turned: the gradient, the result before it is turned back, the kernels with inputs and outputs swapped; there are few of these.
    const same = g.build({ y: g.convolutionByInput(d, w, { stride: 1, padding: 1, size: ['4*rows', 4] }) });
    expect(peakOf(planRun(same, { rows: 2 }))).toBe(4 * (6 * 8 * 4 + 2 * (4 * 8 * 4) + 6 * 4 * 9));
    const byWeight = g.build({ y: g.convolutionByWeight(x, d, { ...kernel, size: [3, 3] }) });
    const [turned, padded, under, entries] = [4 * 16 * 8 + 6 * 8 * 4, 4 * 18 * 10, 4 * 8 * 4, 6 * 4 * 9];
    expect(peakOf(planRun(byWeight, { rows: 2 }))).toBe(4 * (turned + padded + under + 2 * entries));
  });

  it('runs a node only when something needs it, the latest producer first', () => {
    const g = createGraphBuilder();
    const x = g.input('x', 'float32', [4]);
    const [a, b] = [g.negate(x), g.absolute(x)];
    const graph = g.build({ y: g.add(a, g.exponential(b)) });
    expect(executionOrder(graph.nodes, graph.outputs).map(({ operator }) => operator)).toEqual([
      'absolute',
      'exponential',
      'negate',
      'add',
    ]);
  });
});
