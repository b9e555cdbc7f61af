import type { Batch } from '../data/batches/batch.ts';
import { tokenBatching } from '../data/batches/token-batching.ts';
import type { Classes } from '../data/examples/class-labels.ts';
import { buildClassExamples } from '../data/examples/class-examples.ts';
import type { Tensor } from '../tensor.ts';
import { countCorrect } from './accuracy.ts';
import { summedCrossEntropy } from './scored-rows/cross-entropy.ts';
import { labelInputs } from './scored-rows/label-chunks.ts';
import { modelTensors, scoredRows, withinChunks } from './scored-rows/scored-rows.ts';
import { classFormat, openClassifier } from './text/open-classifier.ts';
import { randomTokens } from './text/random-tokens.ts';
import { samplePrompts } from './text/sample-prompts.ts';
import type { TextObjective } from './text/text-objective.ts';
import { tokenRows, tokenWeights } from './text/token-weights.ts';

type Tensors = Readonly<Record<string, Tensor>>;

/** Where each row's first token is in the flattened batch. */
const firstTokens = ({ batch, sequence }: Batch): BigInt64Array =>
  BigInt64Array.from({ length: batch }, (_, row) => BigInt(row * sequence));

const correctOf = (outputs: Tensors, feeds: Tensors): number => {
  let correct = 0;
  for (let chunk = 0; ; chunk++) {
    const { logits, targets } = labelInputs(chunk);
    const [scores, wanted] = [outputs[logits], feeds[targets]];
    if (scores === undefined || wanted === undefined) return correct;
    if (wanted.data.length > 0)
      correct += countCorrect(scores.data as Float32Array, wanted.data as BigInt64Array);
  }
};

/** A class for each text: the hidden state of a row's first token is scored by its logits over the classes. */
export const classification: TextObjective = {
  ...scoredRows,
  batching: (options) =>
    tokenBatching({ ...options, scored: ({ label }) => [{ token: 0, target: label as number }] }),
  randomBatch: (options) =>
    randomTokens(options, (_, random) => {
      const { batchSize, sequenceLength, outputs } = options;
      return {
        labelRows: BigInt64Array.from({ length: batchSize }, (__, row) => BigInt(row * sequenceLength)),
        labelTargets: BigInt64Array.from({ length: batchSize }, () => BigInt(random.integer(outputs))),
      };
    }),
  labelsAtMost: ({ batchSize }) => batchSize,
  labelsToEstimate: ({ batchSize }, { outputs }) => withinChunks(batchSize, outputs),
  loss: (g, forward, options) => {
    const { loss, logits, losses } = summedCrossEntropy(g, forward, options);
    return { loss, outputs: { ...logits, ...losses } };
  },
  measure: ({ batch, feeds, outputs }) => ({
    loss: Number(outputs['loss']!.data[0]),
    scored: batch.scored,
    correct: correctOf(outputs, feeds),
  }),
  metrics: ({ loss = 0, scored = 0, correct = 0 }) => ({ loss: loss / scored, accuracy: correct / scored }),
  scored: {
    rows: (g, hidden) => g.gatherRows(hidden, g.input('first_tokens', 'int64', ['batch'])),
    logits: (g, { hidden, head }) => head.logits(classification.scored.rows(g, hidden)),
    feeds: (batch) => ({
      ...modelTensors(batch),
      first_tokens: { shape: [batch.batch], data: firstTokens(batch) },
    }),
    real: (_, logits) => logits,
  },
  weightedRows: tokenRows,
  // A classifier predicts no token, so there is none to choose by.
  calibrationWeights: (batch, options) => tokenWeights(batch, { ...options, tokens: 'all' }),
  samples: samplePrompts,
  open: openClassifier,
  examples: ({ format, classes, ...request }) =>
    buildClassExamples({ ...request, format: classFormat(format), classes: classes as Classes }),
};
