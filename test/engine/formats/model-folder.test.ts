import { mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openModelFolder, readWeight } from '../../../main/engine/formats/model-folder.ts';
import { writeSafetensors } from '../../../main/engine/formats/safetensors.ts';
import {
  embedding,
  embeddingTensor,
  shardNames,
  writeIndex,
  writeShardedModel,
  writeSingleModel,
} from './model-fixture.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const root = temporaryDirectory();
let folders = 0;
const fresh = (): string => join(root, String(folders++));

describe('a single file', () => {
  const folder = openModelFolder(writeSingleModel(fresh()));

  test('tensors in the order of their bytes, with locations', () => {
    expect([...folder.tensors.keys()]).toEqual(['proj.weight', 'embed.weight', 'half.weight', 'ids']);
    const location = folder.tensors.get('embed.weight')!;
    expect(location).toMatchObject({
      file: join(folder.directory, 'model.safetensors'),
      dtype: 'F32',
      shape: [3, 2],
      length: 24,
    });
    expect(folder.shards).toEqual([
      { fileName: 'model.safetensors', tensorNames: [...folder.tensors.keys()], metadata: { format: 'pt' } },
    ]);
    expect(folder.indexFile).toBeUndefined();
  });

  test('config, and the files that go along with the weights', () => {
    expect(folder.config).toEqual({ model_type: 'llama', hidden_size: 2 });
    expect(folder.auxiliaryFiles).toEqual([
      'LICENSE',
      'chat_template.jinja',
      'config.json',
      'generation_config.json',
      'merges.txt',
      'special_tokens_map.json',
      'tokenizer.json',
      'tokenizer_config.json',
    ]);
  });

  test('weights', () => {
    expect(readWeight(folder, 'embed.weight')).toEqual(embedding);
    expect([...readWeight(folder, 'proj.weight')]).toEqual([
      0.10009765625, 0.2001953125, 0.30078125, 0.400390625,
    ]);
    expect(() => readWeight(folder, 'x')).toThrow(`${folder.directory}: the model has no weight x`);
  });
});

test('shards', () => {
  const folder = openModelFolder(writeShardedModel(fresh()));
  expect([...folder.tensors.keys()]).toEqual(['proj.weight', 'embed.weight', 'half.weight', 'ids']);
  expect(folder.shards.map(({ fileName, tensorNames }) => [fileName, ...tensorNames])).toEqual([
    [shardNames[0], 'proj.weight', 'embed.weight'],
    [shardNames[1], 'half.weight', 'ids'],
  ]);
  expect(folder.indexFile).toBe('model.safetensors.index.json');
  expect([...readWeight(folder, 'half.weight')]).toEqual([1, 65504]);
});

test("the Hub's cache layout: files are links to blobs", () => {
  const cache = join(fresh(), 'models--owner--name');
  const stored = writeShardedModel(join(cache, 'stored'));
  const blobs = join(cache, 'blobs');
  const snapshot = join(cache, 'snapshots', 'x');
  mkdirSync(blobs);
  mkdirSync(snapshot, { recursive: true });
  for (const [index, name] of readdirSync(stored).entries()) {
    renameSync(join(stored, name), join(blobs, `blob${index}`));
    symlinkSync(join('..', '..', 'blobs', `blob${index}`), join(snapshot, name));
  }
  const folder = openModelFolder(snapshot);
  expect(readWeight(folder, 'embed.weight')).toEqual(embedding);
  expect(folder.tensors.get('embed.weight')!.file.startsWith(blobs)).toBe(true);
  expect(folder.shards[0]!.fileName).toBe(shardNames[0]);
});

describe('what is wrong is said in one line', () => {
  test('no such folder, a file', () => {
    expect(() => openModelFolder(join(root, 'nowhere'))).toThrow(
      expect.objectContaining({ code: 'not-found', message: `${join(root, 'nowhere')}: no such folder` }),
    );
    const file = fresh();
    writeFileSync(file, '');
    expect(() => openModelFolder(file)).toThrow(`${file}: is a file, not a model folder`);
  });

  test('no config.json, or an adapter', () => {
    const directory = writeSingleModel(fresh());
    rmSync(join(directory, 'config.json'));
    expect(() => openModelFolder(directory)).toThrow(
      `${directory}: not a model folder: config.json is missing`,
    );
    writeFileSync(join(directory, 'adapter_config.json'), '{}');
    expect(() => openModelFolder(directory)).toThrow(
      `${directory}: not a model folder: it holds an adapter; choose the base model it was made for`,
    );
  });

  test('config.json is not a JSON object', () => {
    const directory = writeSingleModel(fresh());
    const path = join(directory, 'config.json');
    writeFileSync(path, '{');
    expect(() => openModelFolder(directory)).toThrow(`${path}: not JSON (`);
    writeFileSync(path, '[]');
    expect(() => openModelFolder(directory)).toThrow(`${path}: must hold a JSON object`);
    writeFileSync(path, Uint8Array.of(0x7b, 0xff, 0x7d));
    expect(() => openModelFolder(directory)).toThrow(`${path}: not UTF-8 text`);
  });

  test('a missing shard', () => {
    const directory = writeShardedModel(fresh());
    rmSync(join(directory, shardNames[1]));
    expect(() => openModelFolder(directory)).toThrow(
      `${join(directory, shardNames[1])}: this shard is missing; model.safetensors.index.json names it`,
    );
  });

  test('a promised tensor that is not there, a tensor in two shards', () => {
    const directory = writeShardedModel(fresh());
    writeIndex(directory, { 'proj.weight': shardNames[0], 'lost.weight': shardNames[1] });
    expect(() => openModelFolder(directory)).toThrow(
      `${join(directory, shardNames[1])}: lacks tensor lost.weight, which model.safetensors.index.json promises`,
    );
    writeSafetensors(join(directory, shardNames[1]), [embeddingTensor]);
    expect(() => openModelFolder(directory)).toThrow(
      `${join(directory, shardNames[1])}: tensor embed.weight is in another shard too`,
    );
  });

  test.each([
    '../other/model.safetensors',
    '/etc/model.safetensors',
    'C:\\model.safetensors',
    'a\\..\\b',
    'a/../../b',
  ])('a shard outside of the folder: %s', (shard) => {
    const directory = writeShardedModel(fresh());
    writeIndex(directory, { a: shard });
    expect(() => openModelFolder(directory)).toThrow(
      `${join(directory, 'model.safetensors.index.json')}: weight_map.a leads out of the folder: ${shard}`,
    );
  });

  test.each([
    [undefined, 'weight_map is missing or empty'],
    [{}, 'weight_map is missing or empty'],
    [{ a: 1 }, 'weight_map.a is not a file name'],
  ])('an index with the weight map %j', (weightMap, message) => {
    const directory = writeShardedModel(fresh());
    writeIndex(directory, weightMap);
    expect(() => openModelFolder(directory)).toThrow(
      `${join(directory, 'model.safetensors.index.json')}: ${message}`,
    );
  });

  test('no weights, or pickled ones only', () => {
    const directory = writeSingleModel(fresh());
    rmSync(join(directory, 'model.safetensors'));
    expect(() => openModelFolder(directory)).toThrow(
      `${directory}: no weights: neither model.safetensors nor model.safetensors.index.json is there`,
    );
    writeFileSync(join(directory, 'pytorch_model.bin'), '');
    expect(() => openModelFolder(directory)).toThrow(
      expect.objectContaining({
        code: 'unsupported',
        message: `${join(directory, 'pytorch_model.bin')}: weights in pickle format are refused, because loading them can run code hidden in the file; use the model's safetensors files`,
      }),
    );
  });
});
