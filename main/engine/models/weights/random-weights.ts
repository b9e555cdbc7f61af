import { join } from 'node:path';
import { writeFileWhole } from '../../formats/atomic-file.ts';
import { encodeFloat32, writeSafetensors } from '../../formats/safetensors-writer.ts';
import { elementCount } from '../../formats/tensor-dtype.ts';
import { readArchitecture } from '../architectures/index.ts';
import { listWeights } from '../model.ts';

export interface RandomModelOptions {
  /** The folder that the files are written to; it must exist. */
  readonly directory: string;
  /** What is written as config.json. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly dtype: 'F32' | 'BF16';
  readonly seed: number;
}

/** The usual standard deviation of freshly made weights (`initializer_range` of the Llama family). */
const deviation = 0.02;
const pieceLength = 2 ** 18;

/**
 * Writes a model of untrained weights: matrices of mean 0 and standard deviation 0.02, vectors (norms) of ones. For measuring
 * time and memory, which do not depend on what the weights are. Holds a piece of a tensor in memory at a time.
 */
export const writeRandomModel = ({ directory, config, dtype, seed }: RandomModelOptions): void => {
  const configFile = join(directory, 'config.json');
  const { weightShapes } = listWeights(readArchitecture(config, configFile));
  const fill = approximateNormals(seed);
  const piece = new Float32Array(pieceLength);

  function* bytesOf(shape: readonly number[]): Generator<Uint8Array, void, undefined> {
    for (let left = elementCount(shape); left > 0; left -= pieceLength) {
      const part = piece.subarray(0, Math.min(left, pieceLength));
      if (shape.length === 1) part.fill(1);
      else fill(part, deviation);
      yield* encodeFloat32(part, dtype);
    }
  }

  writeSafetensors(
    join(directory, 'model.safetensors'),
    [...weightShapes].map(([name, shape]) => ({ name, dtype, shape, data: () => bytesOf(shape) })),
  );
  writeFileWhole(configFile, JSON.stringify(config, null, 2) + '\n');
};

/**
 * Independent numbers that are nearly normal, in a few nanoseconds each: the sum of the four bytes of one random word (Irwin and
 * Hall's distribution of four terms; its density peaks 3.5 % below the normal one's). Every element has a word of its own,
 * so matrices have full rank and flat spectra like normal ones, which a repeated block of numbers would not. The words come from
 * xorshift32 (Marsaglia 2003) through a multiplication: 2^32 - 1 of them before they repeat, more than any model here takes.
 */
const approximateNormals = (seed: number): ((target: Float32Array, deviation: number) => void) => {
  let state = Math.imul(seed, 0x9e3779b9) ^ 0x6a09e667 || 1;
  // The variance of one byte is (256^2 - 1) / 12.
  const bytesDeviation = Math.sqrt((4 * (256 ** 2 - 1)) / 12);
  return (target, deviation) => {
    const scale = deviation / bytesDeviation;
    let word = state;
    for (let index = 0; index < target.length; index++) {
      word ^= word << 13;
      word ^= word >>> 17;
      word ^= word << 5;
      const mixed = Math.imul(word ^ (word >>> 15), 0x2c1b3c6d);
      const sum = (mixed & 255) + ((mixed >>> 8) & 255) + ((mixed >>> 16) & 255) + (mixed >>> 24);
      target[index] = (sum - 510) * scale;
    }
    state = word;
  };
};
