import { differentiate } from '../../../main/engine/autodiff/differentiate.ts';
import { createGraphBuilder } from '../../../main/engine/graph/create-graph-builder.ts';
import type { Value } from '../../../main/engine/graph/graph.ts';
import type { OperatorName } from '../../../main/engine/graph/signatures.ts';
import { createRandom } from '../../../main/engine/random.ts';
import type { DeviceName } from '../../../main/engine/runtime/device-names.ts';
import { createSession } from '../../../main/engine/runtime/session.ts';
import type { Tensor } from '../../../main/engine/tensor.ts';
import { cases } from '../autodiff/gradient-cases.ts';
import type { Case } from '../autodiff/finite-differences.ts';

/** What cases of the operators give on a device, and their gradients: numbers of each case in a row. A session has every node there, or fails. */
export type DeviceOperators = Readonly<Record<string, readonly number[]>>;

const numbersOf = async (
  { shapes, named = shapes, build, range = [-1, 1] }: Case,
  device: DeviceName,
): Promise<number[]> => {
  const g = createGraphBuilder();
  const inputs = named.map((shape, index) => g.input(`x${index}`, 'float32', shape));
  const y = build(g, inputs);
  const loss = g.sum(
    g.multiply(y, y),
    y.shape.map((_, axis) => axis),
  );
  const gradients = differentiate(g, loss, inputs).map((gradient, at) => [`d${at}`, gradient as Value]);
  const graph = g.build({ y, ...(Object.fromEntries(gradients) as Record<string, Value>) });
  const random = createRandom(5);
  const drawn = shapes.map((shape, index): [string, Tensor] => [
    `x${index}`,
    {
      shape,
      data: Float32Array.from(
        { length: shape.reduce((a, b) => a * b, 1) },
        () => range[0] + (range[1] - range[0]) * random.uniform(),
      ),
    },
  ]);
  const session = await createSession(graph, { threads: 1, device });
  const outputs = await session.run(Object.fromEntries(drawn));
  await session.release();
  return graph.outputs.flatMap(({ name }) => Array.from(outputs[name]?.data as Float32Array));
};

/** A dozen of many, with their places: a session is compiled for each. */
const spread = <T>(list: readonly T[]): [number, T][] => {
  const step = Math.ceil(list.length / 12);
  return [...list.entries()].filter(([at]) => at % step === 0);
};

const [device, ...operators] = process.argv.slice(2) as [DeviceName, ...OperatorName[]];
const numbers: Record<string, number[]> = {};
for (const operator of operators)
  for (const [at, one] of spread(cases[operator]))
    numbers[`${operator} ${at + 1}`] = await numbersOf(one, device);
process.stdout.write(JSON.stringify(numbers satisfies DeviceOperators));
