import { integersOf, tensorOf, type Batch } from '../data/batches/batch.ts';
import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/graph.ts';
import { product } from '../graph/dimension.ts';
import type { HeldOutMetric } from '../metrics/registry.ts';
import type { Condition } from '../models/architecture.ts';
import type { Model } from '../models/model.ts';
import { createRandom, type Random } from '../random.ts';
import {
  noisyBatch,
  quarterName,
  quarters,
  targetNames,
  type BatchedModel,
  type ConditionRow,
  type NoisyPicture,
} from './diffusion/noisy-batch.ts';
import type { DrawnModel, DrawnSize, Metrics, Objective, RandomBatchOptions } from './objective.ts';

export interface NoiseOptions {
  readonly diffusion: BatchedModel;
}

type NoiseObjective = Objective<NoisyPicture, NoiseOptions> & {
  /** The batch that exports and imports are checked on. */
  readonly samples: (model: Model) => Batch;
};

/** @throws Error for a model that draws no pictures */
const diffusionOf = ({ diffusion }: { readonly diffusion?: DrawnModel | undefined }): DrawnModel => {
  if (diffusion) return diffusion;
  throw new Error('a model that draws no pictures is not trained on noise');
};

/** Of a batch of noise for which nobody says how large it is. */
const plainSize = (batchSize: number, { positions }: Pick<DrawnModel, 'positions'>): DrawnSize => ({
  images: batchSize,
  rows: 2,
  columns: 2,
  tokens: positions,
});

const randomCondition = (
  { dataType, shape }: Condition,
  tokens: number,
  { normal, integer }: Random,
  vocabularySize: number,
): ConditionRow => {
  const sides = shape.map((side) => (side === 'tokens' ? tokens : side));
  const length = sides.reduce((a, b) => a * b, 1);
  const data =
    dataType === 'float32'
      ? Float32Array.from({ length }, normal)
      : BigInt64Array.from({ length }, () => BigInt(integer(vocabularySize)));
  return { shape: sides, data };
};

const randomBatch = (options: RandomBatchOptions): Batch => {
  const { batchSize, vocabularySize, seed } = options;
  const diffusion = diffusionOf(options);
  const { images, rows, columns, tokens } = options.drawn ?? plainSize(batchSize, diffusion);
  const { channels, granularity } = diffusion.latent;
  const random = createRandom(seed);
  const [height, width] = [granularity * rows, granularity * columns];
  const numbers = (): Float32Array => Float32Array.from({ length: channels * height * width }, random.normal);
  return noisyBatch(
    diffusion,
    Array.from({ length: images }, (): NoisyPicture => ({
      latent: numbers(),
      target: numbers(),
      height,
      width,
      timestep: random.integer(diffusion.timesteps),
      conditions: Object.fromEntries(
        diffusion.conditions.map((condition) => [
          condition.name,
          randomCondition(condition, tokens, random, vocabularySize),
        ]),
      ),
      weight: 1,
      counts: true,
    })),
  );
};

const modelFeeds = ({ tensors }: Batch) =>
  Object.fromEntries(
    Object.entries(tensors).filter(([name]) => !targetNames.has(name) && name !== quarterName),
  );

/** Squared errors of each picture, added up: (images). */
const errorsOf = (g: GraphBuilder, prediction: Value): Value => {
  const off = g.subtract(prediction, g.input('target', 'float32', prediction.shape));
  return g.reshape(g.sum(g.multiply(off, off), [1]), [prediction.shape[0]!]);
};

const lossOfQuarter = (quarter: number): HeldOutMetric =>
  (['loss_quarter_1', 'loss_quarter_2', 'loss_quarter_3', 'loss_quarter_4'] as const)[quarter]!;

/** Of those that pictures were measured in. */
const lossesOfQuarters = (sums: Readonly<Record<string, number>>): Partial<Metrics> => {
  const losses: Partial<Record<HeldOutMetric, number>> = {};
  for (let quarter = 0; quarter < quarters; quarter++) {
    const pictures = sums[`pictures of quarter ${quarter}`] ?? 0;
    if (pictures > 0) losses[lossOfQuarter(quarter)] = sums[`quarter ${quarter}`]! / pictures;
  }
  return losses;
};

/** How many tokens the texts of a batch have, whether they are given as ids or as what an encoder made of them. */
const tokensOf = (batch: Batch): number => {
  const name = 'text_states' in batch.tensors ? 'text_states' : 'input_ids';
  return tensorOf(batch, name).shape[1]!;
};

/**
 * Denoising: the mean square of what the model says of each noisy latent less its target (arXiv 2006.11239), each picture by its weight. A step is
 * the sum over all of its pictures over the number of those that count, so pictures of the class stand beside those of the subject with
 * their own weight (arXiv 2208.12242).
 */
export const noise: NoiseObjective = {
  batching: ({ diffusion }) => ({
    check: () => undefined,
    formRows: (ordered) => ordered.map((picture) => [picture]),
    tokensOf: (row) => row.reduce((sum, { height, width }) => sum + height * width, 0),
    assemble: (rows) => noisyBatch(diffusion, rows.flat()),
  }),
  randomBatch,
  labelsAtMost: ({ batchSize }) => batchSize,
  labelsToEstimate: ({ batchSize }) => batchSize,
  loss: (g, { hidden, head }) => {
    const errors = errorsOf(g, head.logits(hidden));
    const weighted = g.multiply(errors, g.input('picture_weights', 'float32', errors.shape));
    return { loss: g.sum(weighted, [0]), outputs: { errors } };
  },
  feeds: (batch) => ({
    ...modelFeeds(batch),
    ...Object.fromEntries([...targetNames].map((name) => [name, tensorOf(batch, name)])),
  }),
  extents: ({ batchSize, sequenceLength, drawn }) => {
    const { images, rows, columns, tokens } = drawn ?? plainSize(batchSize, { positions: sequenceLength });
    return { images, rows, columns, tokens };
  },
  scales: (batches) => {
    const scored = batches.reduce((sum, batch) => sum + batch.scored, 0);
    return batches.map(() => 1 / scored);
  },
  splits: true,
  measure: ({ batch, outputs }) => {
    const [images, numbers] = tensorOf(batch, 'target').shape as [number, number];
    const errors = outputs['errors']!.data as Float32Array;
    const sums: Record<string, number> = { loss: 0, scored: images };
    for (const [at, quarter] of integersOf(batch, quarterName).entries()) {
      const error = errors[at]! / numbers;
      sums['loss'] = sums['loss']! + error;
      for (const [name, more] of [
        [`quarter ${quarter}`, error],
        [`pictures of quarter ${quarter}`, 1],
      ] as const)
        sums[name] = (sums[name] ?? 0) + more;
    }
    return sums;
  },
  metrics: (sums) => ({ ...lossesOfQuarters(sums), loss: (sums['loss'] ?? 0) / (sums['scored'] ?? 0) }),
  scored: {
    rows: (_, hidden) => hidden,
    logits: (_, { hidden, head }) => head.logits(hidden),
    feeds: modelFeeds,
    real: (_, logits) => logits,
  },
  // Places of a latent count alike at every timestep; of texts the first token can be left out.
  weightedRows: product(['images', 'tokens']),
  calibrationWeights: (batch, { firstTokenCounts }) => {
    const tokens = tokensOf(batch);
    return Float32Array.from({ length: batch.batch * tokens }, (_, at) =>
      Number(firstTokenCounts || at % tokens !== 0),
    );
  },
  samples: ({ architecture }) =>
    randomBatch({
      ...architecture,
      batchSize: 2,
      sequenceLength: diffusionOf(architecture).positions,
      labels: null,
      seed: 0,
    }),
};
