import '../../../main/engine/runtime/no-telemetry.ts';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { extentOf, resolveShape } from '../../../main/engine/graph/dimension.ts';
import type { Graph } from '../../../main/engine/graph/graph.ts';
import { extentsOf } from '../../../main/engine/graph/input-extents.ts';
import { lowerFor, type LoweringTarget } from '../../../main/engine/lower/lower.ts';

export interface FloatTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Runs a graph on the CPU as it is lowered for any target: what a device computes, but for its kernels. Inputs are floats. */
export const runLowered = async (
  graph: Graph,
  target: LoweringTarget,
  inputs: Readonly<Record<string, FloatTensor>>,
): Promise<Record<string, FloatTensor>> => {
  const { bytes, fedShapes, fedClasses } = lowerFor(graph, target);
  const session = await InferenceSession.create(bytes, {
    graphOptimizationLevel: 'disabled',
    logSeverityLevel: 3,
    intraOpNumThreads: 1,
  });
  const extents = extentsOf(graph.inputs, (name) => inputs[name]?.shape);
  const feeds: Record<string, Tensor> = {};
  for (const { name } of graph.inputs) {
    const { data, shape } = inputs[name] as FloatTensor;
    feeds[name] = new Tensor('float32', data, shape);
  }
  for (const { name, shape } of fedShapes) {
    const numbers = BigInt64Array.from(resolveShape(shape, extents), BigInt);
    feeds[name] = new Tensor('int64', numbers, [numbers.length]);
  }
  for (const { name, count } of fedClasses) {
    const length = extentOf(count, extents);
    feeds[name] = new Tensor(
      'int32',
      Int32Array.from({ length }, (_, at) => at),
      [1, length],
    );
  }
  const outputs = await session.run(feeds);
  await session.release();
  return Object.fromEntries(
    Object.entries(outputs).map(([name, { dims, data }]) => [
      name,
      { shape: dims, data: data as Float32Array },
    ]),
  );
};
