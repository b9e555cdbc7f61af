import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openModelFolder, readWeight } from '../../../main/engine/formats/model-folder.ts';
import { writeModelFolder } from '../../../main/engine/formats/model-folder-writer.ts';
import { embedding, shardNames, writeShardedModel, writeSingleModel } from './model-fixture.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const root = temporaryDirectory();
const single = openModelFolder(writeSingleModel(join(root, 'single')));
const sharded = openModelFolder(writeShardedModel(join(root, 'sharded')));
let count = 0;
const fresh = (): string => join(root, `out-${count++}`);

test.each([single, sharded])('with nothing replaced, every file has the same bytes', async (source) => {
  const destination = fresh();
  await writeModelFolder({ source, destination, replace: () => undefined });
  const expected = readdirSync(source.directory).filter((name) => name !== 'README.md');
  expect(readdirSync(destination).sort()).toEqual(expected.sort());
  for (const name of expected) {
    expect(readFileSync(join(destination, name)).equals(readFileSync(join(source.directory, name)))).toBe(
      true,
    );
  }
});

test('replaced weights are rounded to the base data type, the others stay', async () => {
  const destination = fresh();
  const progress: string[] = [];
  await writeModelFolder({
    source: sharded,
    destination,
    replace: (name) =>
      name === 'proj.weight' ? Float32Array.of(1, 1 + 2 ** -8, 1 + 3 * 2 ** -8, -0.1) : undefined,
    extraFiles: [{ name: 'README.md', contents: 'merged' }],
    onProgress: ({ tensors, of }) => progress.push(`${tensors}/${of}`),
  });
  const merged = openModelFolder(destination);
  expect(merged.tensors.get('proj.weight')!.dtype).toBe('BF16');
  expect([...readWeight(merged, 'proj.weight')]).toEqual([1, 1, 1 + 2 ** -6, -0.10009765625]);
  expect(readWeight(merged, 'embed.weight')).toEqual(embedding);
  expect(merged.shards).toEqual(sharded.shards);
  expect(readFileSync(join(destination, 'README.md'), 'utf8')).toBe('merged');
  expect(progress).toEqual(['0/4', '1/4', '2/4', '3/4', '4/4']);
  expect(statSync(join(destination, shardNames[0])).size).toBe(
    statSync(join(sharded.directory, shardNames[0])).size,
  );
});

test.each([single, sharded])('a new tensor stands after the one it is like', async (source) => {
  const destination = fresh();
  const values = Float32Array.of(6, 5, 4, 3, 2, 1);
  await writeModelFolder({
    source,
    destination,
    replace: (name) => (name === 'head.weight' ? values : undefined),
    added: [{ name: 'head.weight', like: 'embed.weight' }],
  });
  const written = openModelFolder(destination);
  expect(readWeight(written, 'head.weight')).toEqual(values);
  expect(readWeight(written, 'embed.weight')).toEqual(embedding);
  expect(written.tensors.get('head.weight')).toMatchObject({ dtype: 'F32', shape: [3, 2] });
  expect(
    written.shards.map(({ tensorNames }) => tensorNames.filter((name) => name !== 'head.weight')),
  ).toEqual(source.shards.map(({ tensorNames }) => tensorNames));
  if (source.indexFile === undefined) return;
  expect(JSON.parse(readFileSync(join(destination, source.indexFile), 'utf8'))).toMatchObject({
    metadata: { total_size: 44 + 24 },
    weight_map: { 'head.weight': shardNames[0], 'embed.weight': shardNames[0] },
  });
});

test('a tensor that is there already is not added', async () => {
  const destination = fresh();
  const added = [{ name: 'half.weight', like: 'embed.weight' }];
  await writeModelFolder({ source: single, destination, replace: () => undefined, added });
  expect(openModelFolder(destination).tensors.get('half.weight')!.shape).toEqual([2]);
});

describe('nothing is left behind', () => {
  test.each([
    ['half.weight', 70000, "weight half.weight: a new value is Infinity in the base model's data type F16"],
    ['half.weight', -1e30, "weight half.weight: a new value is -Infinity in the base model's data type F16"],
    ['half.weight', NaN, "weight half.weight: a new value is NaN in the base model's data type F16"],
    ['ids', 1, "weight ids: holds I64 in the base model and can't be replaced"],
  ])('%s = %d', async (weight, value, message) => {
    const destination = fresh();
    const replace = (name: string): Float32Array | undefined =>
      name === weight ? Float32Array.of(1, value) : undefined;
    await expect(writeModelFolder({ source: single, destination, replace })).rejects.toThrow(message);
    expect(existsSync(destination)).toBe(false);
  });

  test('stopped through onProgress', async () => {
    const destination = fresh();
    const onProgress = (): never => {
      throw new Error('stop');
    };
    await expect(
      writeModelFolder({ source: single, destination, replace: () => undefined, onProgress }),
    ).rejects.toThrow('stop');
    expect(existsSync(destination)).toBe(false);
  });

  test('an occupied destination stays as it is, the source itself above all', async () => {
    const write = writeModelFolder({
      source: single,
      destination: single.directory,
      replace: () => undefined,
    });
    await expect(write).rejects.toMatchObject({ code: 'conflict' });
    expect(readWeight(single, 'embed.weight')).toEqual(embedding);
  });

  test('temporary names are gone', () => {
    expect(readdirSync(root).filter((name) => name.includes('partial'))).toEqual([]);
  });
});
