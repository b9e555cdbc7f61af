import { createHash } from 'node:crypto';
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ModelFile } from '../../../main/engine/formats/model-file-schema.ts';
import {
  changesBetween,
  contentHash,
  describeChanges,
  readModelFiles,
  readModelFilesSync,
} from '../../../main/engine/formats/model-identity.ts';
import { modelFilesOf } from '../../../main/engine/formats/model-files.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const root = temporaryDirectory();
let directory: string;
let count = 0;
const longAgo = new Date(Date.now() - 60_000);

/** As after a download that was a while ago: the entry's own time cannot be set, so it is waited for where it matters. */
const write = (name: string, contents: string): void => {
  writeFileSync(join(directory, name), contents);
  utimesSync(join(directory, name), longAgo, longAgo);
};
/** As if they had been read long after they were written. */
const settled = (files: readonly ModelFile[], stamps: readonly ModelFile[]): ModelFile[] =>
  files.map((file, index) => ({ ...file, stamp: stamps[index]!.stamp }));
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

beforeEach(() => {
  directory = join(root, String(count++));
  mkdirSync(directory);
  write('config.json', '{}');
  write('model.safetensors', 'weights');
  write('tokenizer.json', '{"a":1}');
  write('LICENSE', 'free');
  write('generation_config.json', '{}');
});

describe('the files that make a model', () => {
  it('are what is read of it', () => {
    for (const name of [
      'tokenizer_config.json',
      'added_tokens.json',
      'special_tokens_map.json',
      'vocab.json',
    ])
      write(name, '{}');
    write('chat_template.jinja', 'x');
    expect(modelFilesOf(directory)).toEqual([
      { name: 'added_tokens.json', kind: 'tokenizer' },
      { name: 'chat_template.jinja', kind: 'tokenizer' },
      { name: 'config.json', kind: 'config' },
      { name: 'model.safetensors', kind: 'weights' },
      { name: 'special_tokens_map.json', kind: 'tokenizer' },
      { name: 'tokenizer.json', kind: 'tokenizer' },
      { name: 'tokenizer_config.json', kind: 'tokenizer' },
    ]);
  });

  it('are shards and their index, unless there is a single file', () => {
    const index = { weight_map: { a: 'one.safetensors', b: 'two.safetensors' } };
    write('model.safetensors.index.json', JSON.stringify(index));
    write('one.safetensors', '1');
    write('two.safetensors', '2');
    const names = (): string[] => modelFilesOf(directory).map(({ name }) => name);
    expect(names()).not.toContain('one.safetensors');
    rmSync(join(directory, 'model.safetensors'));
    expect(names()).toEqual([
      'config.json',
      'model.safetensors.index.json',
      'one.safetensors',
      'tokenizer.json',
      'two.safetensors',
    ]);
  });
});

describe('reading them', () => {
  it('hashes each, at once or piece by piece alike', async () => {
    const files = await readModelFiles(directory);
    expect(files).toMatchObject([
      { name: 'config.json', kind: 'config', sha256: sha256('{}'), bytes: 2 },
      { name: 'model.safetensors', kind: 'weights', sha256: sha256('weights'), bytes: 7 },
      { name: 'tokenizer.json', kind: 'tokenizer', sha256: sha256('{"a":1}'), bytes: 7 },
    ]);
    expect(readModelFilesSync(directory)).toMatchObject(files.map(({ stamp: _, ...file }) => file));
  });

  it('does not trust the stamp of a file that was written a moment ago', async () => {
    expect((await readModelFiles(directory)).map(({ stamp }) => stamp)).toEqual([null, null, null]);
  });

  it('passes over files whose stamps are as they were, and reads those that were touched', async () => {
    const files = await readModelFiles(directory);
    await new Promise((resolve) => setTimeout(resolve, 2200));
    const later = await readModelFiles(directory, { known: files });
    expect(later.every(({ stamp }) => stamp !== null)).toBe(true);
    // Not what the file holds: it is not read.
    const lie = later.map((file) => ({ ...file, sha256: 'kept' }));
    expect(await readModelFiles(directory, { known: lie })).toEqual(lie);
    const weights = join(directory, 'model.safetensors');
    utimesSync(weights, longAgo, longAgo); // the same times: the entry's own tells
    const touched = await readModelFiles(directory, { known: lie });
    expect(touched.map((file) => file.sha256)).toEqual(['kept', sha256('weights'), 'kept']);
  });

  it('sees another content of the same size and times', async () => {
    const files = await readModelFiles(directory);
    await new Promise((resolve) => setTimeout(resolve, 2200));
    const known = settled(files, await readModelFiles(directory, { known: files }));
    write('model.safetensors', 'WEIGHTS');
    expect(changesBetween(known, await readModelFiles(directory, { known }))).toMatchObject([
      { name: 'model.safetensors', change: 'changed' },
    ]);
  });

  it('follows links within the folder', async () => {
    const [blob, file] = [join(directory, 'blob'), join(directory, 'model.safetensors')];
    renameSync(file, blob);
    symlinkSync(blob, file);
    const linked = await readModelFiles(directory);
    expect(linked[1]).toMatchObject({ sha256: sha256('weights'), bytes: 7 });
    appendFileSync(blob, '!');
    expect(changesBetween(linked, await readModelFiles(directory, { known: linked }))).toHaveLength(1);
  });

  it('tells how far it is', async () => {
    const told: [number, number][] = [];
    await readModelFiles(directory, { onRead: (bytes, of) => void told.push([bytes, of]) });
    expect(told).toEqual([
      [2, 16],
      [9, 16],
      [16, 16],
    ]);
  });

  it('says that the folder is gone', async () =>
    expect(readModelFiles(join(directory, 'nowhere'))).rejects.toThrow('nowhere: no such folder'));
});

describe('what changed', () => {
  it('is named with its kind and both hashes', async () => {
    const before = await readModelFiles(directory);
    write('config.json', '{"rms_norm_eps":1}');
    write('chat_template.jinja', 'x');
    rmSync(join(directory, 'tokenizer.json'));
    write('LICENSE', 'not free');
    const changes = changesBetween(before, await readModelFiles(directory, { known: before }));
    expect(describeChanges(changes)).toBe(
      `chat_template.jinja (tokenizer) was not there; config.json (config) was ${sha256('{}').slice(0, 12)}, is ${sha256('{"rms_norm_eps":1}').slice(0, 12)}; tokenizer.json (tokenizer) is gone`,
    );
  });

  it('is a single file that takes the place of shards that stay', async () => {
    rmSync(join(directory, 'model.safetensors'));
    write('model.safetensors.index.json', JSON.stringify({ weight_map: { a: 'one.safetensors' } }));
    write('one.safetensors', '1');
    const before = await readModelFiles(directory);
    write('model.safetensors', 'whole');
    const after = await readModelFiles(directory, { known: before });
    expect(describeChanges(changesBetween(before, after))).toBe('model.safetensors (weights) was not there');
  });

  it('is an index that can no longer be read', async () => {
    rmSync(join(directory, 'model.safetensors'));
    write('model.safetensors.index.json', JSON.stringify({ weight_map: { a: 'one.safetensors' } }));
    write('one.safetensors', '1');
    const before = await readModelFiles(directory);
    write('model.safetensors.index.json', 'broken');
    const after = await readModelFiles(directory, { known: before });
    expect(changesBetween(before, after).map(({ name }) => name)).toEqual(['model.safetensors.index.json']);
  });

  it('is nothing in a copy elsewhere', async () => {
    const copy = join(root, `copy-${count}`);
    cpSync(directory, copy, { recursive: true });
    const [here, there] = [await readModelFiles(directory), await readModelFiles(copy)];
    expect(changesBetween(here, there)).toEqual([]);
    expect(contentHash(there)).toBe(contentHash(here));
    writeFileSync(join(copy, 'config.json'), `${readFileSync(join(copy, 'config.json'), 'utf8')} `);
    expect(contentHash(await readModelFiles(copy))).not.toBe(contentHash(here));
  });
});
