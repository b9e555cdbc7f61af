import type { Batch } from '../data/batches.ts';
import { createGraphBuilder } from '../graph/builder.ts';
import type { Graph, Value } from '../graph/graph.ts';
import type { LinearLayer } from '../models/architecture.ts';
import { buildForward, type Model } from '../models/model.ts';
import type { DeviceName } from '../runtime/device-names.ts';
import { createSession } from '../runtime/session.ts';
import { firstTokens, tokenTensors } from '../train/batch-inputs.ts';

/** For each module its mean over tokens of |x_i|, in float64, one per input feature. */
export type ActivationStatistics = ReadonlyMap<string, Float64Array>;

/** What the statistics of a layer are called among the graph's outputs, and which layers share an input (q, k and v do). */
interface CalibrationGraph {
  readonly graph: Graph;
  readonly outputOf: ReadonlyMap<string, string>;
  /** Outputs over one row of each example rather than over its tokens. */
  readonly perRow: ReadonlySet<string>;
}

/** Sums |x| over the real tokens of a batch, at the input of each layer. */
const calibrationGraph = (
  model: Model,
  layers: readonly LinearLayer[],
  positions: number,
): CalibrationGraph => {
  const g = createGraphBuilder();
  const wanted = new Set(layers.map(({ module }) => module));
  const inputs = new Map<Value, string>();
  const outputOf = new Map<string, string>();
  const { hidden, head } = buildForward(g, model, {
    positions,
    adapt: ({ layer: { module }, input }) => {
      if (!wanted.has(module)) return undefined;
      const name = inputs.get(input) ?? module;
      inputs.set(input, name);
      outputOf.set(module, name);
      return undefined;
    },
  });
  // Layers of the head see what it sees: every token, or each row's first.
  const isClassifier = model.architecture.task === 'sequence-classification';
  head.logits(isClassifier ? g.gatherRows(hidden, g.input('first_tokens', 'int64', ['batch'])) : hidden);
  // A token's weight in the sum, as float32: padding counts nothing.
  const real = g.input('token_weight', 'float32', ['batch*sequence', 1]);
  const sums = [...inputs].map(([input, name]): [string, Value] => {
    const magnitudes = g.absolute(input);
    const isPerRow = input.shape[0] === 'batch';
    return [name, g.sum(isPerRow ? magnitudes : g.multiply(magnitudes, real), [0])];
  });
  const perRow = new Set([...inputs].filter(([{ shape }]) => shape[0] === 'batch').map(([, name]) => name));
  // The runtime computes backwards from the last output: with the first layer's there, no input has to be kept for later.
  return { graph: g.build(Object.fromEntries(sums.toReversed())), outputOf, perRow };
};

export interface CalibrationOptions {
  readonly model: Model;
  readonly layers: readonly LinearLayer[];
  readonly batches: readonly Batch[];
  readonly positions: number;
  readonly threads: number | null;
  /** Default 'cpu'. */
  readonly device?: DeviceName;
  readonly onBatch?: (done: number) => Promise<void> | void;
}

/** Runs the base model over the batches and averages |x_i| over all their real tokens, at the input of each layer. */
export const calibrate = async ({
  model,
  layers,
  batches,
  positions,
  threads,
  device = 'cpu',
  onBatch,
}: CalibrationOptions): Promise<ActivationStatistics> => {
  const { graph, outputOf, perRow } = calibrationGraph(model, layers, positions);
  const session = await createSession(graph, { threads, device });
  const sums = new Map<string, Float64Array>();
  let [tokens, rows] = [0, 0];
  const isClassifier = model.architecture.task === 'sequence-classification';
  try {
    for (const [index, batch] of batches.entries()) {
      const weight = {
        shape: [batch.batch * batch.sequence, 1],
        data: Float32Array.from(batch.attentionMask, Number),
      };
      const outputs = await session.run({
        ...tokenTensors(batch),
        ...(isClassifier ? firstTokens(batch) : {}),
        token_weight: weight,
      });
      for (const [name, { data }] of Object.entries(outputs)) {
        const sum = sums.get(name) ?? new Float64Array(data.length);
        data.forEach((value, at) => (sum[at]! += Number(value)));
        sums.set(name, sum);
      }
      tokens += batch.tokens;
      rows += batch.batch;
      await onBatch?.(index + 1);
    }
  } finally {
    await session.release();
  }
  const means = new Map(
    [...sums].map(([name, sum]) => [name, sum.map((value) => value / (perRow.has(name) ? rows : tokens))]),
  );
  return new Map([...outputOf].map(([module, name]) => [module, means.get(name) as Float64Array]));
};
