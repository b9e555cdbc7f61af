import { expect, it } from 'vitest';
import { differentiate } from '../../../main/engine/autodiff/differentiate.ts';
import { addAsProducts } from '../../../main/engine/graph/add-as-products.ts';
import type { GraphBuilder } from '../../../main/engine/graph/builder.ts';
import { createGraphBuilder } from '../../../main/engine/graph/create-graph-builder.ts';
import type { Graph, Value } from '../../../main/engine/graph/graph.ts';
import { createSession } from '../../../main/engine/runtime/session.ts';

const [rows, inner, outer, rank] = [3, 6, 5, 2];
const numbers = (length: number, step: number): Float32Array =>
  Float32Array.from({ length }, (_, at) => Math.sin(1 + at * step));

const bytes = (g: GraphBuilder, name: string, [high, wide]: [number, number]): [Value, Value] => [
  g.initializer(name, 'int8', [high, wide], {
    kind: 'inline',
    data: Int8Array.from({ length: high * wide }, (_, at) => ((at * 37) % 255) - 127),
  }),
  g.constant(`${name}_scales`, [wide], numbers(wide, 0.1)),
];

type Add = (g: GraphBuilder, a: Value, b: Value) => Value;

/** Two layers of an 8-bit base on one input, each with an adapter, and the gradient by the input. */
const graphOf = (add: Add): Graph => {
  const g = createGraphBuilder();
  const x = g.input('x', 'float32', [rows, inner]);
  const [first, second] = ['one', 'two'].map((name) => {
    const layer = g.quantizedMatmul(
      x,
      ...g.quantizeRows(x),
      ...bytes(g, name, [inner, outer]),
      ...bytes(g, `${name}_twin`, [outer, inner]),
    );
    const down = g.matmul(x, g.constant(`${name}_down`, [rank, inner], numbers(rank * inner, 0.3)), {
      transposeB: true,
    });
    const up = g.constant(`${name}_up`, [outer, rank], numbers(outer * rank, 0.7));
    return add(g, layer, g.matmul(down, up, { transposeB: true }));
  }) as [Value, Value];
  const [gradient] = differentiate(g, g.sum(g.multiply(first, second), [0, 1]), [x]);
  return g.build({ first, second, gradient: gradient! });
};

const run = async (graph: Graph): Promise<number[]> => {
  const session = await createSession(graph, { threads: 1 });
  const outputs = await session.run({ x: { shape: [rows, inner], data: numbers(rows * inner, 0.9) } });
  await session.release();
  return ['first', 'second', 'gradient'].flatMap((name) => [...(outputs[name]!.data as Float32Array)]);
};

it('an adapted layer of an 8-bit base is one sum, and so is the gradient by what several of them read', () => {
  const graph = graphOf((g, a, b) => addAsProducts(g, [a, b], () => true));
  const sums = graph.nodes.filter(({ operator }) => operator === 'quantizedProducts');
  expect(sums.map(({ attributes }) => attributes)).toEqual([
    { count: 1, transposed: [[false, true]] },
    { count: 1, transposed: [[false, true]] },
    {
      count: 2,
      transposed: [
        [false, false],
        [false, false],
      ],
    },
  ]);
  const others = ['quantizedMatmul', 'addProducts', 'sumOfProducts', 'add'];
  expect(graph.nodes.filter(({ operator }) => others.includes(operator))).toEqual([]);
});

it('such sums are those of their parts', async () => {
  const together = await run(graphOf((g, a, b) => addAsProducts(g, [a, b], () => true)));
  const apart = await run(graphOf((g, a, b) => g.add(a, b)));
  const largest = Math.max(...apart.map(Math.abs));
  together.forEach((value, at) => expect(Math.abs(value - apart[at]!)).toBeLessThan(1e-6 * largest));
});

it('adds what is no product, and 8-bit products that stand alone, as it is', () => {
  const g = createGraphBuilder();
  const x = g.input('x', 'float32', [rows, inner]);
  const [weight, twin] = [bytes(g, 'w', [inner, inner]), bytes(g, 'twin', [inner, inner])];
  const layer = g.quantizedMatmul(x, ...g.quantizeRows(x), ...weight, ...twin);
  const y = addAsProducts(g, [x, layer], () => true);
  expect(g.producerOf(y)).toMatchObject({ operator: 'add', inputs: [x, layer] });
});
