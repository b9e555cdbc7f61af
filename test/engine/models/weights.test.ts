import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readWeight } from '../../../main/engine/formats/model-folder.ts';
import { writeSafetensors, type FloatDtype } from '../../../main/engine/formats/safetensors.ts';
import { openModel, type Model } from '../../../main/engine/models/model.ts';
import { createTrainer } from '../../../main/engine/train/trainer.ts';
import { tokenBatches } from '../../support/token-batches.ts';

const reference = openModel(join(import.meta.dirname, '../../numeric/fixtures/llama/model'));
const examples = [0, 1, 2].map((sourceRow) => ({
  inputIds: Int32Array.from({ length: 10 }, (_, at) => (at * 17 + sourceRow * 31) % 128),
  targets: new Uint8Array(10).fill(1),
  sourceRow,
}));

const lossOf = async (model: Model): Promise<number> => {
  const trainer = await createTrainer({
    model,
    adapter: null,
    trainedWeights: ['model.norm.weight'],
    positions: 16,
    labels: 48,
    memory: 'fast',
    optimizer: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, maxGradientNorm: null },
    gradientAccumulation: 1,
    threads: 1,
  });
  const { loss } = await trainer.evaluate(
    tokenBatches({ examples, batchSize: 3, sequenceLength: 16, packing: false }),
  );
  await trainer.release();
  return loss;
};

/** The reference model's weights in other files: `layout` gives the file of each tensor. */
const rewritten = (dtype: FloatDtype, layout: (name: string) => string): string => {
  const directory = mkdtempSync(join(tmpdir(), 'nora-weights-'));
  cpSync(join(reference.folder.directory, 'config.json'), join(directory, 'config.json'));
  const files = Map.groupBy(reference.weightShapes.keys(), layout);
  for (const [file, names] of files)
    writeSafetensors(
      join(directory, file),
      names.map((name) => ({
        name,
        dtype,
        shape: reference.weightShapes.get(name)!,
        data: readWeight(reference.folder, name),
      })),
    );
  const weight_map = Object.fromEntries(
    [...files].flatMap(([file, names]) => names.map((name) => [name, file])),
  );
  if (files.size > 1)
    writeFileSync(
      join(directory, 'model.safetensors.index.json'),
      JSON.stringify({ metadata: {}, weight_map }),
    );
  return directory;
};

const sharded = (name: string): string =>
  name.includes('.layers.0.') ? 'model-00001-of-00002.safetensors' : 'model-00002-of-00002.safetensors';

/** The same numbers as float32 files, rounded to `dtype` first. */
const roundedToFloat32 = (dtype: FloatDtype): Model => {
  const rounded = openModel(rewritten(dtype, () => 'model.safetensors'));
  const directory = mkdtempSync(join(tmpdir(), 'nora-rounded-'));
  cpSync(join(reference.folder.directory, 'config.json'), join(directory, 'config.json'));
  const tensors = [...rounded.weightShapes].map(([name, shape]) => ({
    name,
    dtype: 'F32' as const,
    shape,
    data: readWeight(rounded.folder, name),
  }));
  writeSafetensors(join(directory, 'model.safetensors'), tensors);
  return openModel(directory);
};

describe('weights in place', () => {
  it.each<FloatDtype>(['F32', 'F16', 'BF16'])(
    'in %s, in one file or in shards, give the loss of the same numbers in float32',
    async (dtype) => {
      const expected = await lossOf(roundedToFloat32(dtype));
      expect(await lossOf(openModel(rewritten(dtype, () => 'model.safetensors')))).toBe(expected);
      expect(await lossOf(openModel(rewritten(dtype, sharded)))).toBe(expected);
    },
  );

  it('may be links into several folders, as caches keep them; nothing is left beside them', async () => {
    const real = rewritten('F32', sharded);
    const cache = join(mkdtempSync(join(tmpdir(), 'nora-cache-')), 'models--owner--name');
    const snapshot = join(cache, 'snapshots/main');
    mkdirSync(snapshot, { recursive: true });
    for (const [index, name] of readdirSync(real).entries()) {
      const blob = join(cache, 'blobs', String(index), 'blob');
      mkdirSync(dirname(blob), { recursive: true });
      cpSync(join(real, name), blob);
      symlinkSync(blob, join(snapshot, name));
    }
    rmSync(real, { recursive: true });
    expect(await lossOf(openModel(snapshot))).toBe(await lossOf(reference));
    for (const folder of readdirSync(join(cache, 'blobs')))
      expect(readdirSync(join(cache, 'blobs', folder))).toEqual(['blob']);
  });
});
