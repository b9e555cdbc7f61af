import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { readWeight } from '../../../main/engine/formats/model-folder.ts';
import { assertFinite } from '../../../main/engine/formats/non-finite.ts';
import { singularValueDecomposition } from '../../../main/engine/linear-algebra/svd.ts';
import { readArchitecture } from '../../../main/engine/models/architectures/index.ts';
import { countParameters, listWeights, openModel, type Model } from '../../../main/engine/models/model.ts';
import { writeRandomModel } from '../../../main/engine/models/weights/random-weights.ts';
import { modelShapes } from '../../../main/engine/models/shapes.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'nora-random-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const write = (dtype: 'F32' | 'BF16', seed = 1): Model => {
  writeRandomModel({ directory, config: modelShapes['tiny']!, dtype, seed });
  return openModel(directory);
};

// As counted from the published models' files.
test.each([
  ['smollm2-135m', 134_515_008, 210],
  ['smollm2-360m', 361_821_120, 224],
  ['tinyllama-1.1b', 1_100_048_384, 154],
  ['llama3.2-1b', 1_235_814_400, 112],
])('%s has the parameters and layers of the published model', (name, parameters, layers) => {
  const { weightShapes, linearLayers } = listWeights(readArchitecture(modelShapes[name]!, name));
  expect([countParameters(weightShapes), linearLayers.length]).toEqual([parameters, layers]);
});

describe('random weights', () => {
  it.each(['F32', 'BF16'] as const)('make a model that opens, in %s', (dtype) => {
    const { folder } = write(dtype);
    expect(readdirSync(directory).sort()).toEqual(['config.json', 'model.safetensors']);
    expect([...folder.tensors.values()].every((tensor) => tensor.dtype === dtype)).toBe(true);
    assertFinite(folder);
    expect(new Set(readWeight(folder, 'model.norm.weight'))).toEqual(new Set([1]));
  });

  it('are of mean 0 and deviation 0.02, near normal, and no two alike', () => {
    const values = readWeight(write('F32').folder, 'model.embed_tokens.weight');
    const moment = (power: number): number =>
      values.reduce((sum, value) => sum + (value / 0.02) ** power, 0) / values.length;
    expect(moment(1)).toBeCloseTo(0, 1);
    expect(moment(2)).toBeCloseTo(1, 1);
    expect(moment(3)).toBeCloseTo(0, 1);
    // Four uniform terms: the kurtosis is 3 - 6 / 5 / 4.
    expect(moment(4)).toBeGreaterThan(2.6);
    expect(moment(4)).toBeLessThan(2.8);
  });

  it('have full rank, with the spectrum of independent entries', () => {
    const { folder } = write('F32');
    const weight = readWeight(folder, 'model.layers.1.mlp.gate_proj.weight'); // 128 x 64
    const { singularValues } = singularValueDecomposition({ rows: 128, columns: 64, data: weight }, 64);
    // Marchenko and Pastur: between 0.02 (sqrt 128 - sqrt 64) and 0.02 (sqrt 128 + sqrt 64), up to a few percent.
    expect(Math.max(...singularValues)).toBeLessThan(0.02 * (Math.sqrt(128) + 8) * 1.1);
    expect(Math.min(...singularValues)).toBeGreaterThan(0.02 * (Math.sqrt(128) - 8) * 0.7);
  });

  it('depend on the seed alone, and differ from matrix to matrix', () => {
    const read = (seed: number, layer: number): Float32Array =>
      readWeight(write('F32', seed).folder, `model.layers.${layer}.self_attn.q_proj.weight`);
    expect(read(1, 0)).toEqual(read(1, 0));
    expect(read(1, 0)).not.toEqual(read(2, 0));
    expect(read(1, 0)).not.toEqual(read(1, 1));
  });
});
