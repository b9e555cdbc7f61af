import { tensorOf, type Batch } from '../../../main/engine/data/batches/batch.ts';
import type { GraphBuilder } from '../../../main/engine/graph/builder.ts';
import type { Value } from '../../../main/engine/graph/graph.ts';
import type { Objective } from '../../../main/engine/objectives/objective.ts';
import { createRandom } from '../../../main/engine/random.ts';
import type { Tensor } from '../../../main/engine/tensor.ts';

/** Channel by channel, row by row, and the noise that is to be found in it. */
export interface NoisyImage {
  readonly pixels: Float32Array;
  readonly noise: Float32Array;
  /** Share of the noise in what the model sees, 0 to 1. */
  readonly level: number;
}

export const [channels, height, width] = [2, 3, 4];
const pixels = height * width;

const imagesOf = (images: readonly NoisyImage[]): Batch => {
  const shape = [images.length, channels, height, width];
  const joined = (of: (image: NoisyImage) => readonly number[] | Float32Array): Tensor => ({
    shape,
    data: Float32Array.from(images.flatMap((image) => [...of(image)])),
  });
  const mixed = ({ pixels: clean, noise, level }: NoisyImage): Float32Array =>
    clean.map((value, at) => Math.sqrt(1 - level) * value + Math.sqrt(level) * noise[at]!);
  const size = images.length * pixels;
  return {
    tensors: {
      images: joined(mixed),
      levels: { shape: [images.length], data: Float32Array.from(images, ({ level }) => level) },
      noise: joined(({ noise }) => noise),
    },
    batch: images.length,
    sequence: pixels,
    scored: size * channels,
    tokens: size,
  };
};

/** (batch x channels x height x width) as one row of channels for each pixel. */
export const pixelRows = (g: GraphBuilder, images: Value): Value =>
  g.reshape(g.transpose(images, [0, 2, 3, 1]), [`${pixels}*batch`, channels]);

/** Of a model of images: its inputs by name. */
export const imageInput = (g: GraphBuilder, name: string): Value =>
  g.input(name, 'float32', ['batch', channels, height, width]);

/** Denoising: the mean square of what the head says of each pixel less the noise that is in it. */
export const noiseRegression: Objective<NoisyImage> = {
  batching: () => ({
    check: () => undefined,
    formRows: (ordered) => ordered.map((image) => [image]),
    tokensOf: (row) => row.length * pixels,
    assemble: (rows) => imagesOf(rows.flat()),
  }),
  randomBatch: ({ batchSize, seed }) => {
    const { normal, uniform } = createRandom(seed);
    const drawn = (): Float32Array => Float32Array.from({ length: channels * pixels }, normal);
    return imagesOf(
      Array.from({ length: batchSize }, () => ({ pixels: drawn(), noise: drawn(), level: uniform() })),
    );
  },
  labelsAtMost: ({ batchSize }) => batchSize * pixels,
  labelsToEstimate: ({ batchSize }) => batchSize * pixels,
  loss: (g, { hidden, head }) => {
    const off = g.subtract(head.logits(hidden), pixelRows(g, imageInput(g, 'noise')));
    return { loss: g.sum(g.multiply(off, off), [0, 1]), outputs: {} };
  },
  feeds: ({ tensors }) => ({ ...tensors }),
  extents: ({ batchSize }) => ({ batch: batchSize }),
  scales: (batches) => {
    const scored = batches.reduce((sum, batch) => sum + batch.scored, 0);
    return batches.map(() => 1 / scored);
  },
  splits: true,
  measure: ({ batch, outputs }) => ({ loss: Number(outputs['loss']!.data[0]), scored: batch.scored }),
  metrics: ({ loss = 0, scored = 0 }) => ({ loss: loss / scored }),
  scored: {
    rows: (_, hidden) => hidden,
    logits: (_, { hidden, head }) => head.logits(hidden),
    feeds: (batch) => ({ images: tensorOf(batch, 'images'), levels: tensorOf(batch, 'levels') }),
    real: (_, logits) => logits,
  },
  weightedRows: `${pixels}*batch`,
  calibrationWeights: ({ batch }) => new Float32Array(batch * pixels).fill(1),
};
