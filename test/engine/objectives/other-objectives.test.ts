import { describe, expect, it } from 'vitest';
import type { Batch } from '../../../main/engine/data/batches/batch.ts';
import { sequentialBatches } from '../../../main/engine/data/batches/batches.ts';
import type { Example } from '../../../main/engine/data/examples/examples.ts';
import type { GraphBuilder } from '../../../main/engine/graph/builder.ts';
import type { Value } from '../../../main/engine/graph/graph.ts';
import type { Objective } from '../../../main/engine/objectives/objective.ts';
import { createRandom } from '../../../main/engine/random.ts';
import type { Tensor } from '../../../main/engine/tensor.ts';
import { contrastive, temperature, type Pair } from './contrastive.ts';
import {
  channels,
  height,
  imageInput,
  noiseRegression,
  pixelRows,
  width,
  type NoisyImage,
} from './noise-regression.ts';
import { runLoss, type TinyModel } from './run-loss.ts';
import { valueRegression, type Valued } from './value-regression.ts';

const random = createRandom(11);
const drawn = (rows: number, columns: number): Tensor => ({
  shape: [rows, columns],
  data: Float32Array.from({ length: rows * columns }, random.normal),
});
const textOf = (length: number): Example => ({
  inputIds: Int32Array.from({ length }, () => random.integer(9)),
  targets: new Uint8Array(length),
  sourceRow: 0,
});

const batchesOf = <Ex>(objective: Objective<Ex>, examples: readonly Ex[], batchSize: number): Batch[] => [
  ...sequentialBatches({
    examples,
    batchSize,
    batching: objective.batching({ sequenceLength: 6, packing: false, padId: 0 }),
  }),
];

type Rows = readonly (readonly number[])[];
const rowsOf = ({ shape, data }: Tensor): Rows => {
  const columns = shape.at(-1)!;
  return Array.from({ length: data.length / columns }, (_, row) =>
    Array.from(data.subarray(row * columns, (row + 1) * columns), Number),
  );
};
const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, at) => sum + value * b[at]!, 0);
/** x W^T */
const projected = (rows: Rows, weight: Rows): Rows => rows.map((row) => weight.map((out) => dot(row, out)));
/** d^T x: the gradient by W of what has the gradient d by x W^T. */
const byWeight = (slopes: Rows, rows: Rows): number[] =>
  slopes[0]!.flatMap((_, out) =>
    rows[0]!.map((__, into) => slopes.reduce((sum, slope, row) => sum + slope[out]! * rows[row]![into]!, 0)),
  );

const close = (found: ArrayLike<number>, expected: readonly number[]): void => {
  expect(found).toHaveLength(expected.length);
  expected.forEach((value, at) => expect(found[at]).toBeCloseTo(value, 5));
};

/** Hidden states of texts are their tokens' rows of a table. */
const table = drawn(9, 5);
const textModel = (outputs: number): TinyModel => ({
  weight: drawn(outputs, 5),
  hidden: (g: GraphBuilder): Value => {
    const ids = g.input('input_ids', 'int64', ['batch', 'sequence']);
    const rows = g.constant('table', table.shape, table.data);
    return g.gatherRows(rows, g.reshape(ids, ['batch*sequence']));
  },
});
const firstStates = (texts: readonly Example[]): Rows =>
  texts.map(({ inputIds }) => rowsOf(table)[inputIds[0]!]!);

describe('a loss that compares the rows of a batch', () => {
  const pairs: Pair[] = [3, 6, 4, 2].map((length) => ({
    query: textOf(length),
    passage: textOf(6 - length + 2),
  }));
  const model = textModel(3);

  /** By hand: L = -mean_i log softmax(q p^T / t)_ii of rows of length 1, and the way back through all of it. */
  const byHand = (): { loss: number; gradient: number[] } => {
    const weight = rowsOf(model.weight);
    const states = [
      firstStates(pairs.map(({ query }) => query)),
      firstStates(pairs.map(({ passage }) => passage)),
    ] as const;
    const raw = states.map((rows) => projected(rows, weight));
    const lengths = raw.map((rows) => rows.map((row) => Math.hypot(...row)));
    const units = raw.map((rows, side) => rows.map((row, at) => row.map((x) => x / lengths[side]![at]!)));
    const [q, p] = [units[0]!, units[1]!];
    const exponents = q.map((one) => p.map((other) => Math.exp(dot(one, other) / temperature)));
    const shares = exponents.map((row) => row.map((x) => x / row.reduce((a, b) => a + b)));
    const count = pairs.length;
    const slopes = shares.map((row, i) => row.map((x, j) => (x - Number(i === j)) / temperature / count));
    const transposed = slopes[0]!.map((_, j) => slopes.map((row) => row[j]!));
    const back = (of: Rows, others: Rows, own: Rows, side: number): Rows =>
      of.map((row, i) => {
        const byUnit = others[0]!.map((_, at) => row.reduce((sum, x, j) => sum + x * others[j]![at]!, 0));
        const along = dot(byUnit, own[i]!);
        return byUnit.map((x, at) => (x - along * own[i]![at]!) / lengths[side]![i]!);
      });
    const ofQueries = byWeight(back(slopes, p, q, 0), states[0]);
    const ofPassages = byWeight(back(transposed, q, p, 1), states[1]);
    return {
      loss: shares.reduce((sum, row, i) => sum - Math.log(row[i]!), 0) / count,
      gradient: ofQueries.map((x, at) => x + ofPassages[at]!),
    };
  };

  it('is what it is by hand, as its gradient', async () => {
    const { loss, gradient, sums } = await runLoss(contrastive, model, batchesOf(contrastive, pairs, 4));
    const expected = byHand();
    expect(loss).toBeCloseTo(expected.loss, 5);
    close(gradient, expected.gradient);
    const metrics: Readonly<Record<string, number | undefined>> = contrastive.metrics(sums);
    expect(metrics.loss).toBeCloseTo(expected.loss, 5);
    expect(metrics['found']! * 4).toBeCloseTo(Math.round(metrics['found']! * 4), 10);
  });

  it('is another where the rows are in two batches, so a step has one', async () => {
    const batches = batchesOf(contrastive, pairs, 2);
    const parts = await Promise.all(batches.map((batch) => runLoss(contrastive, model, [batch])));
    expect((parts[0]!.loss + parts[1]!.loss) / 2).not.toBeCloseTo(byHand().loss, 2);
    expect(contrastive.splits).toBe(false);
    expect(() => contrastive.scales(batches)).toThrow('a step of pairs is one batch');
  });
});

describe('the mean square of a noise in images', () => {
  const size = channels * height * width;
  const images: NoisyImage[] = [0.1, 0.5, 0.9].map((level) => ({
    pixels: drawn(1, size).data as Float32Array,
    noise: drawn(1, size).data as Float32Array,
    level,
  }));
  const model: TinyModel = {
    weight: drawn(channels, channels),
    hidden: (g) => pixelRows(g, imageInput(g, 'images')),
  };

  /** By hand: L = mean (x W^T - n)^2 over all numbers of all images, its gradient 2 (x W^T - n)^T x / numbers. */
  const byHand = (): { loss: number; gradient: number[] } => {
    const pixelsOf = (of: (image: NoisyImage, at: number) => number): Rows =>
      images.flatMap((image) =>
        Array.from({ length: height * width }, (_, pixel) =>
          Array.from({ length: channels }, (__, channel) => of(image, channel * height * width + pixel)),
        ),
      );
    const seen = pixelsOf(
      ({ pixels, noise, level }, at) => Math.sqrt(1 - level) * pixels[at]! + Math.sqrt(level) * noise[at]!,
    );
    const noise = pixelsOf((image, at) => image.noise[at]!);
    const off = projected(seen, rowsOf(model.weight)).map((row, at) => row.map((x, c) => x - noise[at]![c]!));
    const numbers = images.length * size;
    return {
      loss: off.flat().reduce((sum, x) => sum + x * x, 0) / numbers,
      gradient: byWeight(off, seen).map((x) => (2 * x) / numbers),
    };
  };

  it.each([3, 2, 1])('is what it is by hand, %i images a batch', async (batchSize) => {
    const batches = batchesOf(noiseRegression, images, batchSize);
    const { loss, gradient, sums } = await runLoss(noiseRegression, model, batches);
    const expected = byHand();
    expect(loss).toBeCloseTo(expected.loss, 5);
    close(gradient, expected.gradient);
    expect(noiseRegression.metrics(sums).loss).toBeCloseTo(expected.loss, 5);
  });

  it('is of batches that hold images', () => {
    const batch = noiseRegression.randomBatch({
      batchSize: 2,
      sequenceLength: 12,
      labels: null,
      outputs: channels,
      vocabularySize: 0,
      seed: 1,
    });
    expect(batch.tensors['images']!.shape).toEqual([2, channels, height, width]);
    expect(batch).toMatchObject({ batch: 2, scored: 2 * size, tokens: 2 * height * width });
  });
});

describe('the mean square of a number for each text', () => {
  const texts: Valued[] = [2, 5, 3].map((length) => ({ ...textOf(length), value: random.normal() }));
  const model = textModel(1);

  it.each([3, 2])('is what it is by hand, %i texts a batch', async (batchSize) => {
    const batches = batchesOf(valueRegression, texts, batchSize);
    const { loss, gradient, sums } = await runLoss(valueRegression, model, batches);
    const states = firstStates(texts);
    const off = projected(states, rowsOf(model.weight)).map(([x], at) => [x! - texts[at]!.value]);
    const expected = off.reduce((sum, [x]) => sum + x! * x!, 0) / 3;
    expect(loss).toBeCloseTo(expected, 5);
    close(
      gradient,
      byWeight(off, states).map((x) => (2 * x) / 3),
    );
    const metrics: Readonly<Record<string, number | undefined>> = valueRegression.metrics(sums);
    expect(metrics['root_mean_square']).toBeCloseTo(Math.sqrt(expected), 5);
  });
});
