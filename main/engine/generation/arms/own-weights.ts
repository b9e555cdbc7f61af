import { WorkbenchError } from '../../errors.ts';
import type { GraphBuilder } from '../../graph/builder.ts';
import type { Value } from '../../graph/graph.ts';
import type { ForwardOptions } from '../../models/model.ts';
import type { GenerationArm } from '../generator.ts';

/** An ONNX model holds no more in itself. */
const bytesAtMost = 1.9e9;

/** Whether the arm has base weights of its own, so that its rows cannot go through one product with those of others. */
export const hasOwnWeights = (arm: GenerationArm): boolean => (arm?.trainedWeights?.length ?? 0) > 0;

/**
 * The arm's own weights in a graph, in the place of the base's.
 * @throws unsupported where there are more of them than a graph holds
 */
export const ownWeights = (g: GraphBuilder, arm: GenerationArm): NonNullable<ForwardOptions['weight']> => {
  const own = new Set(arm?.trainedWeights);
  let bytes = 0;
  return (name, shape): Value | undefined => {
    if (!own.has(name)) return undefined;
    const data = arm!.values.get(name) as Float32Array;
    bytes += data.byteLength;
    if (bytes > bytesAtMost)
      throw new WorkbenchError(
        'unsupported',
        `an adapter with more than 1.9 GB of weights that were trained whole cannot be generated with as it is (${name} is one of them); merge it and open the merged model`,
      );
    return g.constant(name, shape, data);
  };
};
