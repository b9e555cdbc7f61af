import { integersOf, type Batch } from '../../../main/engine/data/batches/batch.ts';
import { nextTokens, tokenBatching } from '../../../main/engine/data/batches/token-batching.ts';
import type { Example } from '../../../main/engine/data/examples/examples.ts';
import type { GraphBuilder } from '../../../main/engine/graph/builder.ts';
import type { Value } from '../../../main/engine/graph/graph.ts';
import { countCorrect } from '../../../main/engine/objectives/accuracy.ts';
import type { Objective } from '../../../main/engine/objectives/objective.ts';
import { modelTensors } from '../../../main/engine/objectives/scored-rows/scored-rows.ts';
import { randomTokens } from '../../../main/engine/objectives/text/random-tokens.ts';
import { tokenRows, tokenWeights } from '../../../main/engine/objectives/text/token-weights.ts';

/** Two texts that belong together. */
export interface Pair {
  readonly query: Example;
  readonly passage: Example;
}

export const temperature = 0.5;

const flat = (batch: number, sequence: number): BigInt64Array =>
  BigInt64Array.from({ length: batch }, (_, row) => BigInt(row * sequence));

/** A batch of 2n texts, the n queries first, and where each text's first token is. */
const withPairs = (texts: Batch): Batch => {
  const pairs = texts.batch / 2;
  const first = flat(texts.batch, texts.sequence);
  return {
    ...texts,
    tensors: {
      ...modelTensors(texts),
      query_rows: { shape: [pairs], data: first.subarray(0, pairs) },
      passage_rows: { shape: [pairs], data: first.subarray(pairs) },
      pair_numbers: { shape: [pairs], data: BigInt64Array.from({ length: pairs }, (_, at) => BigInt(at)) },
    },
    scored: pairs,
  };
};

/** x / |x| of each row. */
const unit = (g: GraphBuilder, rows: Value): Value => {
  const lengths = g.squareRoot(g.sum(g.multiply(rows, rows), [1]));
  return g.divide(rows, g.reshape(lengths, [rows.shape[0]!, 1]));
};

/**
 * InfoNCE: each query has to find its passage among all of the batch, so the loss is no sum over rows and a step cannot be cut. The head
 * is the projection into the space of the embeddings.
 */
export const contrastive: Objective<Pair> = {
  batching: (options) => {
    const { check, assemble } = tokenBatching({ ...options, packing: false, scored: nextTokens });
    const textsOf = (pairs: readonly Pair[]): Example[] => [
      ...pairs.map(({ query }) => query),
      ...pairs.map(({ passage }) => passage),
    ];
    return {
      check: (pairs) => check(textsOf(pairs)),
      formRows: (ordered) => ordered.map((pair) => [pair]),
      tokensOf: (row) => textsOf(row).reduce((sum, { inputIds }) => sum + inputIds.length, 0),
      assemble: (rows) => withPairs(assemble(textsOf(rows.flat()).map((text) => [text]))),
    };
  },
  randomBatch: (options) =>
    withPairs(
      randomTokens({ ...options, batchSize: 2 * options.batchSize }, () => ({
        labelRows: new BigInt64Array(),
        labelTargets: new BigInt64Array(),
      })),
    ),
  labelsAtMost: ({ batchSize }) => batchSize,
  labelsToEstimate: ({ batchSize }) => batchSize,
  loss: (g, { hidden, head }) => {
    const embedded = (rows: string): Value =>
      unit(g, head.logits(g.gatherRows(hidden, g.input(rows, 'int64', ['pairs']))));
    const similar = g.matmul(embedded('query_rows'), embedded('passage_rows'), { transposeB: true });
    const similarities = g.divide(similar, temperature);
    const losses = g.crossEntropy(similarities, g.input('pair_numbers', 'int64', ['pairs']));
    return { loss: g.sum(losses, [0]), outputs: { similarities } };
  },
  feeds: ({ tensors }) => ({ ...tensors }),
  extents: ({ batchSize, sequenceLength }) => ({
    batch: 2 * batchSize,
    sequence: sequenceLength,
    pairs: batchSize,
  }),
  scales: (batches) => {
    const [whole, ...others] = batches;
    if (whole === undefined || others.length > 0) throw new Error('a step of pairs is one batch');
    return [1 / whole.scored];
  },
  splits: false,
  measure: ({ batch, outputs }) => ({
    loss: Number(outputs['loss']!.data[0]),
    pairs: batch.scored,
    found: countCorrect(outputs['similarities']!.data as Float32Array, integersOf(batch, 'pair_numbers')),
  }),
  metrics: ({ loss = 0, pairs = 0, found = 0 }) => ({ loss: loss / pairs, found: found / pairs }),
  scored: {
    rows: (g, hidden) => g.gatherRows(hidden, g.input('first_tokens', 'int64', ['batch'])),
    logits: (g, { hidden, head }) => head.logits(contrastive.scored.rows(g, hidden)),
    feeds: (batch) => ({
      ...modelTensors(batch),
      first_tokens: { shape: [batch.batch], data: flat(batch.batch, batch.sequence) },
    }),
    real: (_, logits) => logits,
  },
  weightedRows: tokenRows,
  calibrationWeights: (batch, options) => tokenWeights(batch, { ...options, tokens: 'all' }),
};
