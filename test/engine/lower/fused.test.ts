import { expect, it } from 'vitest';
import { differentiate } from '../../../main/engine/autodiff/differentiate.ts';
import { createGraphBuilder } from '../../../main/engine/graph/create-graph-builder.ts';
import type { Value } from '../../../main/engine/graph/graph.ts';
import { withExactBytes } from '../../../main/engine/lower/cpu/exact-bytes.ts';
import { fusedOperators, fusedTarget } from '../../../main/engine/lower/fused/index.ts';
import { nativeTarget, toOnnx } from '../../../main/engine/lower/lower.ts';
import { createRandom } from '../../../main/engine/random.ts';
import { byteProductsSaturate } from '../../../main/engine/runtime/byte-products.ts';
import { nativeRuntimeStatus } from '../../../main/engine/runtime/native-runtime.ts';
import { createSession } from '../../../main/engine/runtime/session.ts';
import { describeWith } from '../../support/requirements.ts';
import type { Case } from '../autodiff/finite-differences.ts';
import { cases } from '../autodiff/gradient-cases.ts';
import { roundedCases } from './rounded-cases.ts';
import { runLowered, type FloatTensor } from './run-lowered.ts';

/** A graph with the operator, its value and the gradients that a loss of it has, and numbers to run it with. */
const graphOf = ({ shapes, named = shapes, build, range = [-1, 1] }: Case) => {
  const g = createGraphBuilder();
  const inputs = named.map((shape, index) => g.input(`x${index}`, 'float32', shape));
  const y = build(g, inputs);
  const loss = g.sum(
    g.multiply(y, y),
    y.shape.map((_, axis) => axis),
  );
  const gradients = differentiate(g, loss, inputs).map((gradient, at) => [`d${at}`, gradient as Value]);
  const random = createRandom(5);
  const drawn = shapes.map((shape, index): [string, FloatTensor] => {
    const length = shape.reduce((a, b) => a * b, 1);
    const data = Float32Array.from({ length }, () => range[0] + (range[1] - range[0]) * random.uniform());
    return [`x${index}`, { shape, data }];
  });
  return {
    graph: g.build({ y, ...(Object.fromEntries(gradients) as Record<string, Value>) }),
    feeds: Object.fromEntries(drawn),
  };
};

/** Names of the addon's operators that a case is run with. */
const writtenFor = (one: Case): string[] =>
  toOnnx(graphOf(one).graph, fusedTarget)
    .model.nodes.filter(({ domain }) => domain === 'nora')
    .map(({ type }) => type);

/** Cases of any operator that has one of the addon's in it or in its gradient. */
const fused = [...Object.entries(cases), ...Object.entries(roundedCases)].flatMap(([operator, list]) =>
  list
    .map((one, index) => ({ one, title: `${operator} ${index + 1}` }))
    .filter(({ one }) => writtenFor(one).length > 0),
);

const largestError = (given: ArrayLike<number>, expected: ArrayLike<number>): number => {
  const largest = Math.max(1, ...Array.from(expected, Math.abs));
  return Math.max(0, ...Array.from(expected, (value, at) => Math.abs(value - given[at]!))) / largest;
};

/** What a session without the addon lowers to on this processor. */
const plainTarget = async () =>
  (await byteProductsSaturate()) ? withExactBytes(nativeTarget) : nativeTarget;

describeWith('native', 'an operator of the addon', () => {
  it('is there for every node that a rule writes', () => {
    const status = nativeRuntimeStatus();
    const written = fused.flatMap(({ one }) => writtenFor(one));
    const names = [...new Set(written)].sort();
    expect(names).toEqual([...(status.available ? status.operators : [])].sort());
    expect(names).toEqual([...fusedOperators].sort());
  });

  it.each(fused)(
    '$title gives the numbers of the plain lowering, the same on any number of threads',
    async ({ one }) => {
      const { graph, feeds } = graphOf(one);
      const plain = await runLowered(graph, await plainTarget(), feeds);
      const [first, ...others] = await Promise.all(
        [1, 2, 3].map(async (threads) => {
          const session = await createSession(graph, { threads });
          const outputs = await session.run(feeds);
          await session.release();
          return outputs;
        }),
      );
      for (const [name, { shape, data }] of Object.entries(plain)) {
        const given = first![name]!;
        expect(given.shape).toEqual(shape);
        expect(largestError(given.data as Float32Array, data)).toBeLessThan(2e-6);
        for (const other of others) expect(other[name]!.data).toEqual(given.data);
      }
    },
  );

  it('rounds and multiplies bytes to the very numbers of the plain lowering', async ({ skip }) => {
    skip(await byteProductsSaturate(), 'ONNX Runtime has no exact products of bytes on this processor');
    for (const one of [...roundedCases.quantizeRows!, ...roundedCases.quantizedMatmul!]) {
      const { graph, feeds } = graphOf(one);
      const plain = await runLowered(graph, nativeTarget, feeds);
      const session = await createSession(graph, { threads: 2 });
      const given = await session.run(feeds);
      await session.release();
      for (const [name, { data }] of Object.entries(plain)) expect(given[name]!.data).toEqual(data);
    }
  });
});
