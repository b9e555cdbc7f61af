import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelFolder, TensorLocation } from '../../formats/model-folder.ts';
import { WorkbenchError } from '../../errors.ts';
import { readSafetensorsHeader } from '../../formats/safetensors-header.ts';
import { readTensorRaw } from '../../formats/safetensors-reader.ts';
import { writeSafetensors } from '../../formats/safetensors-writer.ts';
import { elementCount } from '../../formats/tensor-dtype.ts';
import { createRandom } from '../../random.ts';
import { missingWeights, withClasses } from './classifier-folder.ts';
import { makeFolder } from '../../formats/make-folder.ts';

export interface NewHeadOptions {
  /** Where the file goes; found again by a run with the same seed and shapes. */
  readonly directory: string;
  readonly seed: number;
}

/** `initializer_range` of configurations that do not say. */
const usualDeviation = 0.02;

/**
 * Draws the weights that a folder lacks as transformers does, matrices normal with deviation `initializer_range` and biases zero, and
 * writes them into a file in float32. Drawing takes a moment, so one that is there is held to it number by number, and written anew where it is
 * anything else: what the disk or somebody has made of it is never trained on.
 */
export const drawHead = (
  folder: ModelFolder,
  names: readonly string[],
  { directory, seed }: NewHeadOptions,
): Map<string, TensorLocation> => {
  const weights = missingWeights(withClasses(folder, names));
  const range = folder.config['initializer_range'];
  const deviation = typeof range === 'number' ? range : usualDeviation;
  const identity = createHash('sha256')
    .update(JSON.stringify([weights, deviation, seed]))
    .digest('hex');
  const file = join(directory, `head-${identity.slice(0, 20)}.safetensors`);
  const drawn = weights.map(({ name, shape }, stream) => {
    const { normal } = createRandom(seed, stream);
    const isMatrix = shape.length === 2;
    const data = Float32Array.from({ length: elementCount(shape) }, () =>
      isMatrix ? deviation * normal() : 0,
    );
    return { name, dtype: 'F32', shape: [...shape], data } as const;
  });
  if (!holds(file, drawn)) {
    makeFolder(directory);
    writeSafetensors(file, drawn, {});
  }
  return new Map(
    [...readSafetensorsHeader(file).tensors].map(([name, { dtype, shape, offset, length }]) => [
      name,
      { file, dtype, shape, offset, length },
    ]),
  );
};

interface Drawn {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

const holds = (file: string, drawn: readonly Drawn[]): boolean => {
  if (!existsSync(file)) return false;
  try {
    const header = readSafetensorsHeader(file);
    return (
      header.tensors.size === drawn.length &&
      drawn.every(({ name, shape, data }) => {
        const entry = header.tensors.get(name);
        if (entry?.dtype !== 'F32' || entry.shape.join() !== shape.join()) return false;
        return Buffer.from(data.buffer).equals(readTensorRaw(header, name));
      })
    );
  } catch (error) {
    if (error instanceof WorkbenchError) return false;
    throw error;
  }
};
