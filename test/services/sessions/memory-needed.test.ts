import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openModelFolder, type ModelFolder } from '../../../main/engine/formats/model-folder.ts';
import { bytesPerElement } from '../../../main/engine/memory/extents.ts';
import { createGraphBuilder } from '../../../main/engine/graph/create-graph-builder.ts';
import { vaeDecoder } from '../../../main/engine/models/diffusion-model.ts';
import { buildForward, countParameters, readModel } from '../../../main/engine/models/model.ts';
import { memoryNeeded } from '../../../main/services/sessions/memory-needed.ts';
import { describeFolder } from '../../../main/trainer/read/describe-model.ts';
import { writeTinyPipeline } from '../../support/tiny-pipeline.ts';

const directory = mkdtempSync(join(tmpdir(), 'nora-memory-needed-'));
writeTinyPipeline(directory);
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const asWritten = openModelFolder(directory);

/** The folder as if its files held what `isHalf` names in 16 bits: headers are all that is looked at. */
const halved = (dtype: 'F16' | 'BF16', isHalf: (name: string) => boolean): ModelFolder => ({
  ...asWritten,
  tensors: new Map(
    [...asWritten.tensors].map(([name, tensor]) => [
      name,
      isHalf(name) ? { ...tensor, dtype, length: tensor.length / 2 } : tensor,
    ]),
  ),
});

const process = memoryNeeded({ bytes: 0, parameters: 0 }, 0, 'fp32');
const weightsOf = (folder: ModelFolder): number => memoryNeeded(describeFolder(folder), 0, 'fp32') - process;

describe('what a session takes', () => {
  it.each(['F16', 'BF16'] as const)(
    'of a model in %s is what its graphs widen in all, held at once or not',
    (dtype) => {
      const folder = halved(dtype, () => true);
      const model = vaeDecoder(readModel(folder));
      const g = createGraphBuilder();
      const { nodes, initializers } = g.build({ hidden: buildForward(g, model, { positions: 1 }).hidden });
      const stored = new Set(
        initializers.filter(({ source }) => source.kind === 'file').map(({ value }) => value),
      );
      const widened = nodes
        .filter(({ operator, inputs }) => operator === 'cast' && stored.has(inputs[0]!))
        .flatMap(({ outputs }) => outputs)
        .reduce(
          (sum, { dataType, shape }) =>
            sum + bytesPerElement[dataType] * shape.reduce<number>((a, b) => a * Number(b), 1),
          0,
        );
      expect(widened).toBe(4 * countParameters(model.weightShapes));
      const { bytes } = describeFolder(folder);
      expect(weightsOf(folder)).toBe(2 * bytes);
    },
  );

  it('of float32 files is their bytes, and of some parts in 16 bits what all take in float32', () => {
    const { bytes } = describeFolder(asWritten);
    expect(weightsOf(asWritten)).toBe(bytes);
    expect(weightsOf(halved('F16', (name) => name.startsWith('text_encoder.')))).toBe(bytes);
    expect(weightsOf(halved('F16', (name) => !name.startsWith('vae.')))).toBe(bytes);
  });
});
