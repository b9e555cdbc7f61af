import type { Batch } from '../../data/batches/batch.ts';
import type { DiffusionModel } from '../../models/architecture.ts';
import type { Tensor } from '../../tensor.ts';

/** What a denoiser is told of one picture: an input of its graph, as `DiffusionModel.conditions` has it. */
export interface ConditionRow {
  readonly shape: readonly number[];
  readonly data: Float32Array | BigInt64Array;
}

/** A picture as a denoiser is trained on it: its latent with noise in it, and what is to be found of that. */
export interface NoisyPicture {
  /** Of the latent: (channels x height x width) each. */
  readonly latent: Float32Array;
  readonly target: Float32Array;
  readonly height: number;
  readonly width: number;
  readonly timestep: number;
  /** By the names of the graph's inputs. */
  readonly conditions: Readonly<Record<string, ConditionRow>>;
  /** By what its loss is multiplied: 1, or less for a picture of the class, or by how much noise there is. */
  readonly weight: number;
  /** Whether the mean of a step is taken over it; pictures of the class stand beside those that it is taken over. */
  readonly counts: boolean;
}

/** The parts of the schedule that a held-out loss is told for: from little noise to much. */
export const quarters = 4;

/** Of inputs that only a loss takes, and of what only an evaluation looks at. */
export const targetNames: ReadonlySet<string> = new Set(['target', 'picture_weights']);
export const quarterName = 'quarters';

const stackedFloats = (shape: readonly number[], rows: readonly Float32Array[]): Tensor => {
  const size = shape.reduce((a, b) => a * b, 1);
  const data = new Float32Array(rows.length * size);
  for (const [at, row] of rows.entries()) {
    if (row.length !== size) throw new Error(`a row of ${row.length} numbers, not ${shape.join(' x ')}`);
    data.set(row, at * size);
  }
  return { shape: [rows.length, ...shape], data };
};

const stacked = (name: string, rows: readonly (ConditionRow | undefined)[]): Tensor => {
  const [first] = rows;
  if (first === undefined) throw new Error(`a picture without ${name}`);
  const { shape } = first;
  const alike = rows.map((row) => {
    if (row === undefined || row.shape.join() !== shape.join())
      throw new Error(`${name}: rows of one batch are of one shape`);
    return row.data;
  });
  if (first.data instanceof Float32Array) return stackedFloats(shape, alike as Float32Array[]);
  const data = BigInt64Array.from(alike.flatMap((row) => [...(row as BigInt64Array)]));
  return { shape: [rows.length, ...shape], data };
};

/** The quarter of the schedule that a timestep is in, from 0. */
export const quarterOf = (timestep: number, timesteps: number): number =>
  Math.min(quarters - 1, Math.floor((timestep * quarters) / timesteps));

/**
 * Pictures of one size as one batch.
 * @throws Error where they are of several: batches are made of one bucket
 */
export const noisyBatch = (
  { latent: { channels }, times, conditions, timesteps }: BatchedModel,
  pictures: readonly NoisyPicture[],
): Batch => {
  const [first] = pictures;
  if (first === undefined) throw new Error('a batch of no pictures');
  const { height, width } = first;
  if (pictures.some((one) => one.height !== height || one.width !== width))
    throw new Error('pictures of several sizes in one batch');
  const numbers = channels * height * width;
  const ofTimes = times(pictures.map(({ timestep }) => timestep));
  const tensors: Record<string, Tensor> = {
    latents: stackedFloats(
      [channels, height, width],
      pictures.map(({ latent }) => latent),
    ),
    times: { shape: [pictures.length, ofTimes.length / pictures.length], data: ofTimes },
    target: stackedFloats(
      [numbers],
      pictures.map(({ target }) => target),
    ),
    // The mean over a picture's numbers is in here, so that the loss is a sum.
    picture_weights: {
      shape: [pictures.length],
      data: Float32Array.from(pictures, ({ weight }) => weight / numbers),
    },
    [quarterName]: {
      shape: [pictures.length],
      data: BigInt64Array.from(pictures, ({ timestep }) => BigInt(quarterOf(timestep, timesteps))),
    },
  };
  for (const { name } of conditions)
    tensors[name] = stacked(
      name,
      pictures.map((picture) => picture.conditions[name]),
    );
  return {
    tensors,
    batch: pictures.length,
    sequence: height * width,
    scored: pictures.filter(({ counts }) => counts).length,
    tokens: pictures.length * height * width,
    pictures: pictures.length,
  };
};

/** What batches are made for. */
export type BatchedModel = Pick<DiffusionModel, 'latent' | 'times' | 'conditions' | 'timesteps'>;
