import { expect, it } from 'vitest';
import type { GraphBuilder } from '../../../main/engine/graph/builder.ts';
import type { Shape } from '../../../main/engine/graph/dimension.ts';
import type { Value } from '../../../main/engine/graph/graph.ts';
import { createRandom, type Random } from '../../../main/engine/random.ts';
import { largestError, type Case } from './finite-differences.ts';

type Step = (g: GraphBuilder, pick: () => Value, random: Random) => Value;

const isMatrix = ({ shape }: Value): boolean => shape.length === 2;
const columns = ({ shape }: Value): number => Number(shape.at(-1));

/** Each takes values that are there already; what could grow is brought back between -1 and 1. */
const steps: readonly Step[] = [
  (g, pick) => g.tanh(g.add(pick(), pick())),
  (g, pick) => g.multiply(pick(), pick()),
  (g, pick) => g.subtract(pick(), g.multiply(pick(), 0.5)),
  (g, pick) => g.divide(pick(), g.add(g.multiply(g.sigmoid(pick()), 2), 1)),
  (g, pick) => g.gelu(pick(), 'none'),
  (g, pick) => g.gelu(pick(), 'tanh'),
  (g, pick) => g.silu(pick(), 1.702),
  (g, pick) => g.erf(pick()),
  (g, pick) => g.exponential(g.negate(g.sigmoid(pick()))),
  (g, pick) => g.squareRoot(g.add(g.sigmoid(pick()), 0.5)),
  (g, pick) => g.softmax(pick()),
  (g, pick) => g.add(pick(), g.mean(pick(), [-1])),
  (g, pick) => g.multiply(pick(), g.sum(g.softmax(pick()), [0])),
  (g, pick) => g.transpose(g.transpose(pick(), [1, 0]), [1, 0]),
  (g, pick) => g.tanh(g.matmul(g.matmul(pick(), pick(), { transposeB: true }), pick())),
  (g, pick) => {
    const x = pick();
    return g.concatenate([g.slice(x, 1, 1, columns(x)), g.slice(x, 1, 0, 1)], 1);
  },
  (g, pick) => {
    const x = pick();
    return g.multiply(g.reshape(g.reshape(x, [columns(x), 3]), x.shape), pick());
  },
  (g, pick) => {
    const x = pick();
    const weight = g.constant(`weight:${x.id}`, [columns(x)], Float32Array.of(0.5, -1, 2, 1));
    return g.tanh(g.rmsNorm(g.add(x, 1), weight, 1e-3));
  },
];

/** A function of three tensors, the last two of which are repeated to meet the first, through a dozen steps drawn by the seed. */
const composition = (seed: number): Case => {
  const shapes: readonly Shape[] = [[3, 4], [4], [3, 1]];
  return {
    shapes: shapes as readonly (readonly number[])[],
    build: (g, inputs) => {
      const random = createRandom(seed);
      const values = inputs.map((input) => g.add(input, g.expand(0, [3, 4])));
      const pick = (): Value => values[random.integer(values.length)] as Value;
      for (let count = 0; count < 12; count++) {
        const made = (steps[random.integer(steps.length)] as Step)(g, pick, random);
        if (!isMatrix(made)) throw new Error('every step gives a matrix');
        values.push(made);
      }
      // Everything that was made counts, so that no path is left out.
      return values.reduce((sum, value) => g.add(sum, value));
    },
  };
};

it.each(Array.from({ length: 40 }, (_, seed) => seed))(
  'a random composition differentiates correctly: seed %i',
  async (seed) => {
    expect(await largestError(composition(seed), () => true)).toBeLessThan(5e-3);
    // With every value computed again.
    expect(await largestError(composition(seed), () => false)).toBeLessThan(5e-3);
  },
);
