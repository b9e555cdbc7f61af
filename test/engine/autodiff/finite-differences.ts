import { expect } from 'vitest';
import { differentiate } from '../../../main/engine/autodiff/differentiate.ts';
import type { GraphBuilder } from '../../../main/engine/graph/builder.ts';
import { createGraphBuilder } from '../../../main/engine/graph/create-graph-builder.ts';
import type { Shape } from '../../../main/engine/graph/dimension.ts';
import type { Value } from '../../../main/engine/graph/graph.ts';
import { createRandom } from '../../../main/engine/random.ts';
import { createSession } from '../../../main/engine/runtime/session.ts';
import type { Tensor } from '../../../main/engine/tensor.ts';

/** A function of tensors: shapes of the float inputs, and the value that the loss is made of. */
export interface Case {
  readonly shapes: readonly (readonly number[])[];
  /** The same where axes have names; the value's own are numbers. */
  readonly named?: readonly Shape[];
  readonly build: (g: GraphBuilder, inputs: Value[]) => Value;
  /** Where inputs are drawn from; (-1, 1) unless the function is not smooth there. */
  readonly range?: readonly [number, number];
}

const draw = (shape: readonly number[], random: () => number): Tensor => ({
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, random),
});

/** Largest difference between the gradient by the rules and by central differences of the forward graph, over all inputs. */
export const largestError = async (
  { shapes, named = shapes, build, range = [-1, 1] }: Case,
  keeps: (value: Value) => boolean,
): Promise<number> => {
  const random = createRandom(7);
  const within = (): number => range[0] + (range[1] - range[0]) * random.uniform();
  const g = createGraphBuilder();
  const inputs = named.map((shape, index) => g.input(`x${index}`, 'float32', shape));
  const output = build(g, inputs);
  const weights = g.constant(
    'weights',
    output.shape,
    draw(output.shape as number[], () => random.uniform() - 0.5).data,
  );
  const weighted = g.multiply(output, weights);
  const loss = g.sum(
    weighted,
    weighted.shape.map((_, axis) => axis),
  );
  const forward = g.build({ loss });
  const gradients = differentiate(g, loss, inputs, { keeps });
  const backward = g.build(
    Object.fromEntries(gradients.map((gradient, index) => [`d${index}`, gradient as Value])),
  );

  const [forwardSession, backwardSession] = [
    await createSession(forward, { threads: 1 }),
    await createSession(backward, { threads: 1 }),
  ];
  const values = shapes.map((shape) => draw(shape, within));
  const feeds = (of: readonly Tensor[]): Record<string, Tensor> =>
    Object.fromEntries(of.map((tensor, index) => [`x${index}`, tensor]));
  const analytic = await backwardSession.run(feeds(values));
  const lossOf = async (of: readonly Tensor[]): Promise<number> =>
    Number((await forwardSession.run(feeds(of)))['loss']?.data[0]);

  let worst = 0;
  const step = 1 / 128;
  for (const [index, tensor] of values.entries()) {
    expect(analytic[`d${index}`]?.shape).toEqual(tensor.shape);
    for (let at = 0; at < tensor.data.length; at++) {
      const shifted = async (by: number): Promise<number> => {
        const data = Float32Array.from(tensor.data as Float32Array);
        data[at] = (data[at] as number) + by;
        return lossOf(values.with(index, { ...tensor, data }));
      };
      const numeric = ((await shifted(step)) - (await shifted(-step))) / (2 * step);
      worst = Math.max(worst, Math.abs(numeric - Number(analytic[`d${index}`]?.data[at])));
    }
  }
  await Promise.all([forwardSession.release(), backwardSession.release()]);
  return worst;
};
