import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { withFewerNodes } from '../../../../main/engine/generation/graph/fusion/index.ts';
import { createGraphBuilder } from '../../../../main/engine/graph/create-graph-builder.ts';
import type { Graph, Value } from '../../../../main/engine/graph/graph.ts';
import { nativeTarget, portableTarget } from '../../../../main/engine/lower/lower.ts';
import { createRandom } from '../../../../main/engine/random.ts';
import { createSession } from '../../../../main/engine/runtime/session.ts';
import { runLowered } from '../../lower/run-lowered.ts';

const directory = mkdtempSync(join(tmpdir(), 'nora-fusion-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const random = createRandom(3);
const drawn = (count: number): Float32Array =>
  Float32Array.from({ length: count }, () => 2 * random.uniform() - 1);

const [width, heads, keyValueHeads, columns] = [8, 3, 1, 64];
const rows = { q: heads * width, k: keyValueHeads * width, v: keyValueHeads * width };

/** Levels and scales of three matrices in a file: all levels, then all scales, in the order given. */
const inFile = (order: readonly (keyof typeof rows)[]) => {
  const file = join(directory, order.join(''));
  const blocks = columns / 32;
  const levels = order.map((name) =>
    Uint8Array.from({ length: rows[name] * columns }, () => Math.floor(256 * random.uniform())),
  );
  const scales = order.map((name) => drawn(rows[name] * blocks).map((value) => value / 100));
  const all = [...levels, ...scales];
  const offsets = all.map((_, at) => all.slice(0, at).reduce((sum, { byteLength }) => sum + byteLength, 0));
  writeFileSync(file, Buffer.concat(all.map(({ buffer }) => Buffer.from(buffer))));
  const place = (at: number) =>
    ({ kind: 'file', file, offset: offsets[at]!, length: all[at]!.byteLength }) as const;
  return (name: keyof typeof rows) => {
    const at = order.indexOf(name);
    return { levels: place(at), scales: place(order.length + at), shape: [rows[name], blocks, 32] as const };
  };
};

/** What a decoder begins a layer with: a sum, its norm, q, k and v, split into heads, q and k turned. */
const layer = (order: readonly (keyof typeof rows)[]): Graph => {
  const g = createGraphBuilder();
  const positions = g.input('positions', 'int64', ['batch', 'sequence']);
  const [a, b] = ['a', 'b'].map((name) => g.input(name, 'float32', ['batch*sequence', columns])) as [
    Value,
    Value,
  ];
  const sum = g.add(a, b);
  const x = g.rmsNorm(sum, g.constant('norm', [columns], drawn(columns)), 1e-5);
  const stored = inFile(order);
  const [cosines, sines] = ['cosines', 'sines'].map((name) =>
    g.constant(name, [16, width / 2], drawn((16 * width) / 2)),
  ) as [Value, Value];
  const project = (name: keyof typeof rows): Value => {
    const { levels, scales, shape } = stored(name);
    const product = g.bitMatmul(
      x,
      g.initializer(`${name}.levels`, 'uint8', shape, levels),
      g.initializer(`${name}.scales`, 'float32', shape.slice(0, 2), scales),
      { bits: 8, columns, blockSize: 32 },
    );
    const split = g.reshape(product, ['batch', 'sequence', rows[name] / width, width]);
    return g.transpose(split, [0, 2, 1, 3]);
  };
  const [q, k, v] = [project('q'), project('k'), project('v')];
  const turn = (heads: Value): Value => g.rotary(heads, positions, cosines, sines);
  return g.build({ sum, q: turn(q), k: turn(k), v });
};

const operatorsOf = ({ nodes }: Graph): string[] => nodes.map(({ operator }) => operator).sort();

const outputsOf = async (graph: Graph) => {
  const session = await createSession(graph, { threads: 1, packedWeights: true });
  const tokens = createRandom(1);
  const outputs = await session.run({
    positions: { shape: [2, 3], data: BigInt64Array.from([0n, 1n, 2n, 5n, 6n, 7n]) },
    ...Object.fromEntries(
      ['a', 'b'].map((name) => [
        name,
        { shape: [6, columns], data: Float32Array.from({ length: 6 * columns }, () => tokens.uniform()) },
      ]),
    ),
  });
  await session.release();
  return outputs;
};

/** But for the last bits of the norm, whose kernel sums in another order. */
const expectSameNumbers = async (one: Graph, other: Graph): Promise<void> => {
  const [made, expected] = [await outputsOf(one), await outputsOf(other)];
  for (const [name, { shape, data }] of Object.entries(expected)) {
    expect(made[name]!.shape).toEqual(shape);
    const differences = Array.from(data, (value, at) =>
      Math.abs(Number(value) - Number(made[name]!.data[at])),
    );
    expect(Math.max(...differences)).toBeLessThan(1e-4);
  }
};

describe('fewer nodes', () => {
  it('are one product, one turn and one norm, and the same numbers', async () => {
    const graph = layer(['q', 'k', 'v']);
    const fewer = withFewerNodes(graph);
    expect(operatorsOf(fewer)).toEqual(
      ['addRmsNorm', 'bitMatmul', 'reshape', 'rotary', 'split', 'split', 'transpose'].sort(),
    );
    await expectSameNumbers(fewer, graph);
  });

  it('take from a product whatever order its weights have', async () => {
    const graph = layer(['v', 'q', 'k']);
    await expectSameNumbers(withFewerNodes(graph), graph);
  });

  it('leave alone what does not lie side by side', () => {
    const g = createGraphBuilder();
    const x = g.input('x', 'float32', ['n', 4]);
    const file = join(directory, 'apart');
    const weight = (name: string, offset: number): Value =>
      g.initializer(name, 'float32', [2, 4], { kind: 'file', file, offset, length: 32 });
    const product = (name: string, offset: number): Value =>
      g.matmul(x, weight(name, offset), { transposeB: true });
    const graph = g.build({ a: product('a', 0), b: product('b', 40) });
    expect(operatorsOf(withFewerNodes(graph))).toEqual(['matmul', 'matmul']);
  });

  it('keep a sum that something takes besides its norm', () => {
    const g = createGraphBuilder();
    const [a, b] = [g.input('a', 'float32', ['n', 4]), g.input('b', 'float32', ['n', 4])];
    const sum = g.add(a, b);
    const y = g.rmsNorm(sum, g.constant('w', [4], drawn(4)), 1e-5);
    expect(operatorsOf(withFewerNodes(g.build({ z: g.multiply(sum, y) })))).toEqual([
      'addRmsNorm',
      'multiply',
    ]);
  });
});

it('splits, and adds before a norm, on every device as its parts do', async () => {
  const g = createGraphBuilder();
  const [a, b] = [g.input('a', 'float32', [3, 4]), g.input('b', 'float32', [3, 4])];
  const weight = g.constant('w', [4], drawn(4));
  const { sum, y } = g.apply('addRmsNorm', { a, b, weight }, { epsilon: 1e-5 });
  const { before, from } = g.apply('split', { x: y }, { axis: 1, at: 1 });
  const apart = g.rmsNorm(g.add(a, b), weight, 1e-5);
  const graph = g.build({
    sum,
    before,
    from,
    ...{ sum2: g.add(a, b), before2: g.slice(apart, 1, 0, 1), from2: g.slice(apart, 1, 1, 4) },
  });
  const feeds = Object.fromEntries(['a', 'b'].map((name) => [name, { shape: [3, 4], data: drawn(12) }]));
  for (const target of [nativeTarget, portableTarget]) {
    const made = await runLowered(graph, target, feeds);
    for (const name of ['sum', 'before', 'from'])
      made[name]!.data.forEach((value, at) => expect(value).toBeCloseTo(made[`${name}2`]!.data[at]!, 5));
  }
});
