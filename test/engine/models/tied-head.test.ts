import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { FactorValues } from '../../../main/engine/adapters/layer/layer-adapter.ts';
import { mergedFolder } from '../../../main/engine/adapters/folder/merged-folder.ts';
import { openModelFolder, readWeight, type ModelFolder } from '../../../main/engine/formats/model-folder.ts';
import { writeModelFolder } from '../../../main/engine/formats/model-folder-writer.ts';
import { readSafetensorsHeader, writeSafetensors } from '../../../main/engine/formats/safetensors.ts';
import { readTensorFloat32 } from '../../../main/engine/formats/safetensors-reader.ts';
import { openModel } from '../../../main/engine/models/model.ts';
import { sampleLogits, sampleBatch } from '../../../main/trainer/export/export-check.ts';
import { writeTinyModel } from '../../support/tiny-model.ts';
import { temporaryDirectory } from '../formats/temporary-directory.ts';

const root = temporaryDirectory();
const tied = writeTinyModel(join(root, 'tied'));
const embedding = 'model.embed_tokens.weight';

/** The tied model with a lm_head.weight beside its embeddings. */
const withHead = (name: string, head: (weight: Float32Array) => Float32Array, tie = true): string => {
  const directory = join(root, name);
  mkdirSync(directory);
  cpSync(tied, directory, { recursive: true });
  const file = join(directory, 'model.safetensors');
  const header = readSafetensorsHeader(file);
  const tensors = [...header.tensors.values()].map(({ name, shape }) => ({
    name,
    dtype: 'F32' as const,
    shape: [...shape],
    data: readTensorFloat32(header, name),
  }));
  const { shape, data } = tensors.find(({ name }) => name === embedding)!;
  writeSafetensors(file, [...tensors, { name: 'lm_head.weight', dtype: 'F32', shape, data: head(data) }]);
  const config = readFileSync(join(directory, 'config.json'), 'utf8');
  writeFileSync(
    join(directory, 'config.json'),
    config.replace('"tie_word_embeddings":true', `"tie_word_embeddings":${tie}`),
  );
  return directory;
};

const logitsOf = async (directory: string): Promise<Float32Array> => {
  const model = openModel(directory);
  return sampleLogits({ model, adapter: null, trainedWeights: [] }, sampleBatch(model), 1);
};
const twice = (values: Float32Array): Float32Array => values.map((value) => 2 * value);
const merged = async (
  directory: string,
  whole: readonly string[],
  values: FactorValues,
): Promise<ModelFolder> => {
  const model = openModel(directory);
  const destination = `${directory}-merged`;
  const { changes } = mergedFolder(model, [], { whole, values });
  await writeModelFolder({ source: model.folder, destination, ...changes });
  return openModelFolder(destination);
};

describe('a head of its own under a tie flag', () => {
  const directory = withHead('own', twice);

  it('is what the model computes with, as transformers 5 does', async () => {
    const { contradictsTie, notices, weightShapes } = openModel(directory);
    expect(contradictsTie).toBe(true);
    expect(weightShapes.has('lm_head.weight')).toBe(true);
    expect(notices).toEqual([expect.stringContaining('a lm_head.weight of its own that differs')]);
    // Logits are linear in the head, and doubling is exact.
    expect(await logitsOf(directory)).toEqual(twice(await logitsOf(tied)));
  });

  it('is the model with the flag off', async () => {
    const untied = withHead('untied', twice, false);
    expect(openModel(untied)).toMatchObject({ contradictsTie: false, notices: [] });
    expect(await logitsOf(untied)).toEqual(await logitsOf(directory));
  });

  it('stays in what is exported, with the flag off', async () => {
    const folder = await merged(directory, [], new Map());
    expect(folder.config['tie_word_embeddings']).toBe(false);
    expect(readWeight(folder, 'lm_head.weight')).toEqual(twice(readWeight(folder, embedding)));
    expect(await logitsOf(folder.directory)).toEqual(await logitsOf(directory));
  });

  it('differs where a single number does', () => {
    const last = withHead('last', (weight) => weight.with(-1, 7));
    expect(openModel(last).contradictsTie).toBe(true);
  });
});

describe('a copy of the embeddings under a tie flag', () => {
  const directory = withHead('copy', (weight) => weight);

  it('says nothing', async () => {
    expect(openModel(directory)).toMatchObject({ contradictsTie: false, notices: [] });
    expect(await logitsOf(directory)).toEqual(await logitsOf(tied));
  });

  it('stays a copy where the embeddings are trained', async () => {
    const trained = readWeight(openModelFolder(tied), embedding).map(
      (value, index) => value + Math.cos(index),
    );
    const folder = await merged(directory, [embedding], new Map([[embedding, trained]]));
    expect(readWeight(folder, 'lm_head.weight')).toEqual(trained);
    expect(openModel(folder.directory)).toMatchObject({ contradictsTie: false, notices: [] });
  });
});
