import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { createGraphBuilder } from '../../../main/engine/graph/create-graph-builder.ts';
import type { GraphBuilder } from '../../../main/engine/graph/builder.ts';
import type { Graph, Value } from '../../../main/engine/graph/graph.ts';
import { lowerFor, nativeTarget } from '../../../main/engine/lower/lower.ts';
import { encodeOnnxModel } from '../../../main/engine/lower/onnx-model.ts';
import { createRandom } from '../../../main/engine/random.ts';
import { devices } from '../../../main/engine/runtime/devices.ts';
import {
  nativeRuntime,
  nativeRuntimeStatus,
  type NativeRuntime,
} from '../../../main/engine/runtime/native-runtime.ts';
import { openNatively } from '../../../main/engine/runtime/native-session.ts';
import { openWithPackage } from '../../../main/engine/runtime/package-session.ts';
import type { Session, SessionOptions } from '../../../main/engine/runtime/session-interface.ts';
import { createSession } from '../../../main/engine/runtime/session.ts';
import type { Tensor } from '../../../main/engine/tensor.ts';
import { describeWith } from '../../support/requirements.ts';

const runtime = nativeRuntime();
const folder = mkdtempSync(join(tmpdir(), 'nora-native-session-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const numbers = (shape: readonly number[], seed = 1): Tensor => {
  const random = createRandom(seed);
  const length = shape.reduce((a, b) => a * b, 1);
  return { shape, data: Float32Array.from({ length }, () => random.uniform() - 0.5) };
};

const graphOf = (build: (g: GraphBuilder) => Record<string, Value>): Graph => {
  const g = createGraphBuilder();
  return g.build(build(g));
};

/** The same lowered graph in a session of each kind. */
const both = async (graph: Graph, options: SessionOptions): Promise<[Session, Session]> => {
  const toOpen = {
    graph,
    lowered: lowerFor(graph, nativeTarget),
    device: devices.cpu,
    configuration: devices.cpu.configuration,
    options,
  };
  return [openNatively(runtime as NativeRuntime, toOpen), await openWithPackage(toOpen)];
};

const attended = graphOf((g) => {
  const x = g.input('x', 'float32', ['rows', 'positions', 24]);
  const ids = g.input('ids', 'int64', ['rows', 'positions']);
  const weight = g.input('weight', 'float32', [24, 24]);
  const normed = g.rmsNorm(x, g.constant('scale', [24], new Float32Array(24).fill(1.5)), 1e-5);
  const product = g.matmul(normed, weight);
  return { product, soft: g.softmax(product), same: ids, sum: g.sum(product, [0, 1, 2]) };
});

describeWith('native', 'a session of the addon', () => {
  it.each([
    ['one thread', 1, [2, 7]],
    ['several threads', 3, [2, 7]],
    ['no rows', 2, [0, 7]],
    ['no positions', 2, [2, 0]],
  ] as const)(
    'gives bit for bit what onnxruntime-node gives, with %s',
    async (_, threads, [rows, positions]) => {
      const feeds = {
        x: numbers([rows, positions, 24]),
        ids: {
          shape: [rows, positions],
          data: BigInt64Array.from({ length: rows * positions }, (_, at) => BigInt(at) - (1n << 40n)),
        },
        weight: numbers([24, 24], 2),
      };
      const [native, plain] = await both(attended, { threads });
      for (let run = 0; run < 2; run++) expect(await native.run(feeds)).toEqual(await plain.run(feeds));
      expect(native.traffic()).toEqual(plain.traffic());
      await Promise.all([native.release(), plain.release()]);
    },
  );

  it('gives sums in double precision, as calibration has them', async () => {
    const graph = graphOf((g) => ({ sum: g.secondMoment(g.input('x', 'float32', ['rows', 3])) }));
    const [native, plain] = await both(graph, { threads: 1 });
    const feeds = { x: numbers([5, 3]) };
    const { sum } = await native.run(feeds);
    expect(sum!.data).toBeInstanceOf(Float64Array);
    expect({ sum }).toEqual(await plain.run(feeds));
    await Promise.all([native.release(), plain.release()]);
  });

  it('gives its memory back when it is released', async () => {
    const graph = graphOf((g) => ({ y: g.sum(g.add(g.input('x', 'float32', ['rows', 1024]), 1), [0, 1]) }));
    const x = numbers([16 * 1024, 1024]);
    const before = process.memoryUsage().rss;
    for (let round = 0; round < 10; round++) {
      const session = await createSession(graph, { threads: 1 });
      await session.run({ x });
      await session.release();
    }
    // 64 MB a round would be 640 MB.
    expect(process.memoryUsage().rss - before).toBeLessThan(300 * 2 ** 20);
  });

  it('reads inputs and writes outputs in the middle of larger arrays, where they are', async () => {
    const graph = graphOf((g) => {
      const x = g.input('x', 'float32', [3]);
      return { double: g.multiply(x, 2), more: g.add(x, 1) };
    });
    const session = await createSession(graph, { threads: 1 });
    const [from, to] = [Float32Array.of(0, 1, 2, 3, 0), new Float32Array(6)];
    const into = { shape: [3], data: to.subarray(2, 5) };
    const { double, more } = await session.run(
      { x: { shape: [3], data: from.subarray(1, 4) } },
      { double: into },
    );
    expect(double).toBe(into);
    expect([...to]).toEqual([0, 0, 2, 4, 6, 0]);
    expect(more).toEqual({ shape: [3], data: Float32Array.of(2, 3, 4) });
    await session.release();
  });

  it('says what is wrong with what it is fed, and runs on', async () => {
    const session = await createSession(
      graphOf((g) => ({ y: g.multiply(g.input('x', 'float32', ['rows', 4]), 2) })),
      { threads: 1 },
    );
    await expect(session.run({ x: numbers([2, 3]) })).rejects.toThrow('Got: 3 Expected: 4');
    await expect(session.run({})).rejects.toThrow('input x is missing');
    const short = { shape: [2, 4], data: new Float32Array(7) };
    await expect(session.run({ x: short })).rejects.toThrow('x has 7 elements');
    await expect(session.run({ x: numbers([2, 4]) }, { y: numbers([3, 4]) })).rejects.toThrow();
    const integers = { shape: [1, 4], data: new BigInt64Array(4) };
    await expect(session.run({ x: integers })).rejects.toThrow('Unexpected input data type');
    expect((await session.run({ x: numbers([1, 4]) }))['y']!.shape).toEqual([1, 4]);
    await session.release();
    await expect(session.run({ x: numbers([1, 4]) })).rejects.toThrow('the session is released');
    await session.release();
  });

  it('says what a kernel of ours finds wrong, by its operator, and which operator it has not', () => {
    const open = (type: string, groups: bigint) => {
      const { addon, library } = runtime as NativeRuntime;
      const values = ['x', 'weight', 'bias'].map((name) => ({
        name,
        dataType: 'float32' as const,
        shape: name === 'x' ? ['images', 'channels', 'pixels'] : ['channels'],
      }));
      const model = encodeOnnxModel({
        inputs: values,
        outputs: [{ name: 'y', dataType: 'float32', shape: ['images', 'channels', 'pixels'] }],
        initializers: [],
        values: [],
        nodes: [
          {
            type,
            domain: 'nora',
            inputs: ['x', 'weight', 'bias'],
            outputs: ['y', 'mean', 'inverse'],
            attributes: groups === 0n ? {} : { groups, epsilon: 1e-5 },
          },
        ],
      });
      const session = new addon.NativeSession(library, model, { arena: true, threads: 1, configuration: {} });
      return session.run(
        ['x', 'weight', 'bias'],
        [new Float32Array(6), new Float32Array(3), new Float32Array(3)],
        [[1, 3, 2], [3], [3]],
        ['y'],
        [null],
        [[]],
      );
    };
    expect(open('GroupNorm', 3n)).toHaveLength(1);
    expect(() => open('GroupNorm', 2n)).toThrow(
      'nora.GroupNorm: 3 channels in 2 groups and [3, 3] weights and biases do not fit together',
    );
    expect(() => open('GroupNorm', 0n)).toThrow('groups');
    expect(() => open('NoSuch', 1n)).toThrow('NoSuch');
  });

  it('reads weights in a file where they are', async () => {
    const file = join(folder, 'weights.bin');
    const weight = numbers([64, 64], 3);
    writeFileSync(file, Buffer.from((weight.data as Float32Array).buffer));
    const g = createGraphBuilder();
    const x = g.input('x', 'float32', ['rows', 64]);
    const inFile = g.initializer('w', 'float32', [64, 64], {
      kind: 'file',
      file,
      offset: 0,
      length: 64 * 64 * 4,
    });
    const graph = g.build({ y: g.matmul(x, inFile) });
    const session = await createSession(graph, { threads: 1 });
    const h = createGraphBuilder();
    const fed = h.build({
      y: h.matmul(h.input('x', 'float32', ['rows', 64]), h.input('w', 'float32', [64, 64])),
    });
    const other = await createSession(fed, { threads: 1 });
    const rows = numbers([3, 64], 4);
    expect(await session.run({ x: rows })).toEqual(await other.run({ x: rows, w: weight }));
    await session.release();
    await other.release();
  });

  it('writes its profile when it is released', async () => {
    const prefix = join(folder, 'profile');
    const graph = graphOf((g) => ({ y: g.multiply(g.input('x', 'float32', [4]), 2) }));
    const session = await createSession(graph, { threads: 1, profile: prefix });
    await session.run({ x: numbers([4]) });
    await session.release();
    expect(readdirSync(folder).filter((name) => name.startsWith('profile'))).toHaveLength(1);
  });

  it('is what the CPU has, with the library that onnxruntime-node has loaded', () => {
    expect(existsSync((runtime as NativeRuntime).library)).toBe(true);
    expect(nativeRuntimeStatus()).toMatchObject({
      available: true,
      version: expect.stringMatching(/^1\.\d+/),
    });
  });
});

it('is not there where the addon is switched off, and graphs run all the same', async () => {
  process.env['NORA_NATIVE'] = '0';
  try {
    expect(nativeRuntime()).toBeUndefined();
    expect(nativeRuntimeStatus()).toEqual({
      available: false,
      reason: 'the addon is not loaded: switched off by NORA_NATIVE=0',
    });
    const session = await createSession(
      graphOf((g) => ({ y: g.multiply(g.input('x', 'float32', [1]), 2) })),
      { threads: 1 },
    );
    expect((await session.run({ x: numbers([1]) }))['y']!.shape).toEqual([1]);
    await session.release();
  } finally {
    delete process.env['NORA_NATIVE'];
  }
});
