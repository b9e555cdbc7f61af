import { createGraphBuilder } from '../../engine/graph/create-graph-builder.ts';
import { matmulFlops } from '../../engine/graph/flops.ts';
import { createRandom } from '../../engine/random.ts';
import { createSession } from '../../engine/runtime/session.ts';
import type { Tensor } from '../../engine/tensor.ts';

const [rows, width, chain, attempts] = [1024, 1536, 4, 8];

/**
 * Operations per second of fp32 matrix products in the engine's own runtime: the best of several runs over a chain of products
 * of 1024 x 1536 by 1536 x 1536, about the largest in a small language model. Only a number comes out, so that copying a
 * result costs nothing.
 */
export const measureGemmPeak = async (threads: number | null): Promise<number> => {
  const g = createGraphBuilder();
  const b = g.input('b', 'float32', [width, width]);
  let product = g.input('a', 'float32', [rows, width]);
  for (let count = 0; count < chain; count++) product = g.matmul(product, b);
  const graph = g.build({ sum: g.sum(product, [0, 1]) });
  // Entries of b of variance 1 / width keep the products' size, far from overflow and denormal numbers.
  const inputs = { a: randomMatrix(rows, 1), b: randomMatrix(width, Math.sqrt(3 / width)) };
  const session = await createSession(graph, { threads });
  try {
    let best = Infinity;
    for (let attempt = 0; attempt < attempts; attempt++) {
      const started = performance.now();
      await session.run(inputs);
      best = Math.min(best, (performance.now() - started) / 1000);
    }
    return matmulFlops(graph, {}) / best;
  } finally {
    await session.release();
  }
};

/** Uniform in [-bound, bound). */
const randomMatrix = (count: number, bound: number): Tensor => {
  const random = createRandom(count);
  const data = Float32Array.from({ length: count * width }, () => bound * (2 * random.uniform() - 1));
  return { shape: [count, width], data };
};
