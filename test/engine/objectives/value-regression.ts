import { tokenBatching } from '../../../main/engine/data/batches/token-batching.ts';
import type { Example } from '../../../main/engine/data/examples/examples.ts';
import { classification } from '../../../main/engine/objectives/classification.ts';
import type { Objective } from '../../../main/engine/objectives/objective.ts';
import { modelTensors } from '../../../main/engine/objectives/scored-rows/scored-rows.ts';
import { createRandom } from '../../../main/engine/random.ts';
import { randomTokens } from '../../../main/engine/objectives/text/random-tokens.ts';
import type { Batch } from '../../../main/engine/data/batches/batch.ts';

/** A text and what it is worth. */
export interface Valued extends Example {
  readonly value: number;
}

const withValues = (texts: Batch, values: Float32Array): Batch => ({
  ...texts,
  tensors: {
    ...classification.scored.feeds(texts),
    values: { shape: [values.length, 1], data: values },
  },
  scored: values.length,
});

/** A number for each text, at its first token: the mean square of what is missing. */
export const valueRegression: Objective<Valued> = {
  batching: (options) => {
    const texts = tokenBatching({ ...options, packing: false });
    return {
      ...texts,
      formRows: (ordered) => ordered.map((one) => [one]),
      assemble: (rows) =>
        withValues(
          texts.assemble(rows),
          Float32Array.from(rows.flat(), ({ value }) => value),
        ),
    };
  },
  randomBatch: (options) => {
    const { normal } = createRandom(options.seed);
    const unlabelled = { labelRows: new BigInt64Array(), labelTargets: new BigInt64Array() };
    return withValues(
      randomTokens(options, () => unlabelled),
      Float32Array.from({ length: options.batchSize }, normal),
    );
  },
  labelsAtMost: ({ batchSize }) => batchSize,
  labelsToEstimate: ({ batchSize }) => batchSize,
  loss: (g, forward) => {
    const predicted = valueRegression.scored.logits(g, forward, 1);
    const off = g.subtract(predicted, g.input('values', 'float32', ['batch', 1]));
    return { loss: g.sum(g.multiply(off, off), [0, 1]), outputs: { predicted } };
  },
  feeds: ({ tensors }) => ({ ...tensors }),
  extents: ({ batchSize, sequenceLength }) => ({ batch: batchSize, sequence: sequenceLength }),
  scales: classification.scales,
  splits: true,
  measure: ({ batch, outputs }) => ({ loss: Number(outputs['loss']!.data[0]), scored: batch.scored }),
  metrics: ({ loss = 0, scored = 0 }) => ({
    loss: loss / scored,
    root_mean_square: Math.sqrt(loss / scored),
  }),
  scored: {
    ...classification.scored,
    feeds: (batch) => {
      const { values: _, ...texts } = modelTensors(batch);
      return texts;
    },
  },
  weightedRows: classification.weightedRows,
  calibrationWeights: classification.calibrationWeights,
};
