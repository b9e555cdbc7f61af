import { createGraphBuilder } from '../../../engine/graph/create-graph-builder.ts';
import { createSession } from '../../../engine/runtime/session.ts';

/** 128 MB of float32 each: four times the largest cache that a core of today's servers reaches. */
const size = 2 ** 25;
const [sums, attempts] = [4, 6];

/**
 * Bytes a second that elementwise operators move, in the engine's own runtime: the best of several runs over a chain of sums of vectors that
 * no cache holds, inputs and outputs counted once. One number comes out, so that copying a result costs nothing.
 */
export const measureMemoryBandwidth = async (threads: number | null): Promise<number> => {
  const g = createGraphBuilder();
  const b = g.input('b', 'float32', [size]);
  let sum = g.input('a', 'float32', [size]);
  for (let count = 0; count < sums; count++) sum = g.add(sum, b);
  const graph = g.build({ first: g.slice(sum, 0, 0, 1) });
  const ones = (): { shape: number[]; data: Float32Array } => ({
    shape: [size],
    data: new Float32Array(size).fill(1),
  });
  const inputs = { a: ones(), b: ones() };
  const session = await createSession(graph, { threads });
  try {
    let best = Infinity;
    for (let attempt = 0; attempt < attempts; attempt++) {
      const started = performance.now();
      await session.run(inputs);
      best = Math.min(best, (performance.now() - started) / 1000);
    }
    return (sums * 3 * size * Float32Array.BYTES_PER_ELEMENT) / best;
  } finally {
    await session.release();
  }
};
