import { integersOf } from '../data/batches/batch.ts';
import { tokenBatching } from '../data/batches/token-batching.ts';
import { buildExamples } from '../data/examples/examples.ts';
import type { DatasetFormat, TokenFormat } from '../data/files/dataset-format.ts';
import { readModel } from '../models/model.ts';
import { summedCrossEntropy } from './scored-rows/cross-entropy.ts';
import { modelTensors, scoredRows, withinChunks } from './scored-rows/scored-rows.ts';
import { randomTokens } from './text/random-tokens.ts';
import { samplePrompts } from './text/sample-prompts.ts';
import type { TextObjective } from './text/text-objective.ts';
import { tokenRows, tokenWeights } from './text/token-weights.ts';

const tokenFormat = (format: DatasetFormat): TokenFormat => {
  if (format.kind !== 'classification') return format;
  throw new Error('a model that predicts tokens is not trained on classes');
};

/** Language modelling: the hidden state of each token before a target is scored by its logits over the vocabulary. */
export const nextToken: TextObjective = {
  ...scoredRows,
  batching: tokenBatching,
  randomBatch: (options) =>
    randomTokens(options, (inputIds) => {
      const { batchSize, sequenceLength, labels } = options;
      // A token is predicted from those before it, so a row has a target less than tokens.
      const perRow = Math.min(labels ?? sequenceLength - 1, sequenceLength - 1);
      const labelRows = BigInt64Array.from({ length: batchSize * perRow }, (_, index) => {
        const row = Math.floor(index / perRow);
        return BigInt(row * sequenceLength + sequenceLength - 1 - perRow + (index % perRow));
      });
      return { labelRows, labelTargets: labelRows.map((row) => inputIds[Number(row) + 1] as bigint) };
    }),
  labelsAtMost: ({ batchSize, sequenceLength }) => batchSize * sequenceLength,
  labelsToEstimate: ({ batchSize, sequenceLength }, { outputs }) =>
    withinChunks(batchSize * sequenceLength, outputs),
  loss: (g, forward, options) => {
    const { loss, losses } = summedCrossEntropy(g, forward, options);
    return { loss, outputs: losses };
  },
  measure: ({ batch, outputs }) => ({ loss: Number(outputs['loss']!.data[0]), scored: batch.scored }),
  metrics: ({ loss = 0, scored = 0 }) => ({ loss: loss / scored }),
  scored: {
    rows: (_, hidden) => hidden,
    logits: (g, { hidden, head }, outputs) => g.reshape(head.logits(hidden), ['batch', 'sequence', outputs]),
    feeds: modelTensors,
    real: (batch, logits) => {
      const mask = integersOf(batch, 'attention_mask');
      const vocabulary = logits.length / mask.length;
      return logits.filter((_, at) => mask[Math.floor(at / vocabulary)] === 1n);
    },
  },
  weightedRows: tokenRows,
  calibrationWeights: tokenWeights,
  samples: samplePrompts,
  open: ({ folder }) => ({ model: readModel(folder), classes: null, notices: [] }),
  examples: ({ format, ...request }) => buildExamples({ ...request, format: tokenFormat(format) }),
};
