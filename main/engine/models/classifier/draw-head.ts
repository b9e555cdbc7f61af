import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelFolder, TensorLocation } from '../../formats/model-folder.ts';
import { readSafetensorsHeader } from '../../formats/safetensors-header.ts';
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
 * writes them into a file in float32.
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
  if (!existsSync(file)) {
    makeFolder(directory);
    writeSafetensors(
      file,
      weights.map(({ name, shape }, stream) => {
        const { normal } = createRandom(seed, stream);
        const isMatrix = shape.length === 2;
        const data = Float32Array.from({ length: elementCount(shape) }, () =>
          isMatrix ? deviation * normal() : 0,
        );
        return { name, dtype: 'F32', shape: [...shape], data };
      }),
      {},
    );
  }
  return new Map(
    [...readSafetensorsHeader(file).tensors].map(([name, { dtype, shape, offset, length }]) => [
      name,
      { file, dtype, shape, offset, length },
    ]),
  );
};
