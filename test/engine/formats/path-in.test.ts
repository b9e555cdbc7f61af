import { existsSync, mkdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { readAdapter } from '../../../main/engine/adapters/folder/adapter-folder.ts';
import { loadTokenizer } from '../../../main/engine/data/tokens/tokenizer.ts';
import { readModelDefaults } from '../../../main/engine/generation/model-defaults.ts';
import { openPeftFolder } from '../../../main/engine/peft/folder.ts';
import { readModelFilesSync } from '../../../main/engine/formats/model-identity.ts';
import { openModelFolder } from '../../../main/engine/formats/model-folder.ts';
import { writeModelFolder } from '../../../main/engine/formats/model-folder-writer.ts';
import { pathIn } from '../../../main/engine/formats/path-in.ts';
import { shardNames, writeIndex, writeShardedModel, writeSingleModel } from './model-fixture.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const root = realpathSync(temporaryDirectory());
const at = (...names: string[]): string => join(root, ...names);
let model = '';
let count = 0;

beforeEach(() => {
  model = writeSingleModel(at(`case-${count++}`, 'model'));
  writeFileSync(at('key'), 'private');
});

/** Puts a link in the place of a file. */
const link = (name: string, target: string): void => {
  rmSync(join(model, name), { force: true, recursive: true });
  symlinkSync(target, join(model, name));
};

const leadsOut = (name: string, target = at('key')): string =>
  `${join(model, name)}: leads out of its folder, to ${target}`;

test.each(['config.json', 'model.safetensors'])('%s that leads out is not opened', (name) => {
  link(name, at('key'));
  expect(() => openModelFolder(model)).toThrow(leadsOut(name));
});

test.each([
  'config.json',
  'model.safetensors',
  'tokenizer.json',
  'chat_template.jinja',
  'chat_template.json',
])('%s that leads out is no part of an identity', (name) => {
  link(name, at('key'));
  expect(() => readModelFilesSync(model)).toThrow(leadsOut(name));
});

test.each(['tokenizer.json', 'tokenizer_config.json', 'special_tokens_map.json', 'added_tokens.json'])(
  'no tokenizer is read from %s that leads out',
  (name) => {
    link(name, at('key'));
    expect(() => loadTokenizer(model)).toThrow(leadsOut(name));
  },
);

test('nor settings of answers', () => {
  link('generation_config.json', at('key'));
  expect(() => readModelDefaults(model)).toThrow(leadsOut('generation_config.json'));
});

test('an index and a shard that lead out', () => {
  model = writeShardedModel(at(`sharded-${count}`));
  link(shardNames[0], at('key'));
  expect(() => openModelFolder(model)).toThrow(leadsOut(shardNames[0]));
  link('model.safetensors.index.json', at('key'));
  expect(() => openModelFolder(model)).toThrow(leadsOut('model.safetensors.index.json'));
});

test('a shard whose name goes through a linked folder', () => {
  model = writeShardedModel(at(`through-${count}`));
  mkdirSync(at('elsewhere'), { recursive: true });
  writeFileSync(at('elsewhere', 'w.safetensors'), '');
  link('sub', at('elsewhere'));
  writeIndex(model, { 'proj.weight': 'sub/w.safetensors' });
  expect(() => openModelFolder(model)).toThrow(leadsOut('sub/w.safetensors', at('elsewhere/w.safetensors')));
});

test.each(['../key', '/etc/passwd', 'a/../../key', 'C:\\key'])('a shard named %s', (name) => {
  model = writeShardedModel(at(`named-${count}`));
  writeIndex(model, { 'proj.weight': name });
  expect(() => openModelFolder(model)).toThrow(`weight_map.proj.weight leads out of the folder: ${name}`);
});

test.each(['LICENSE', 'merges.txt'])(
  'an export has no %s that leads out, and does not begin',
  async (name) => {
    link(name, at('key'));
    const destination = at(`export-${count}`);
    const written = writeModelFolder({
      source: openModelFolder(model),
      destination,
      replace: () => undefined,
    });
    await expect(written).rejects.toThrow(leadsOut(name));
    expect(existsSync(destination)).toBe(false);
  },
);

test('a chain of links that ends outside', () => {
  link('LICENSE', 'first');
  link('first', 'second');
  link('second', join('..', '..', 'key'));
  expect(() => pathIn(model, 'LICENSE')).toThrow(leadsOut('LICENSE'));
});

test('a file of a folder beside whose name begins alike', () => {
  mkdirSync(`${model}-private`);
  writeFileSync(join(`${model}-private`, 'key'), '');
  link('LICENSE', `../model-private/key`);
  expect(() => pathIn(model, 'LICENSE')).toThrow('leads out of its folder');
});

test('an adapter, ours or of PEFT', () => {
  for (const name of ['adapter.json', 'adapter_config.json']) link(name, at('key'));
  expect(() => readAdapter(model)).toThrow(leadsOut('adapter.json'));
  expect(() => openPeftFolder(model)).toThrow(leadsOut('adapter_config.json'));
});

test('links within the folder are followed, and one to the folder itself', () => {
  writeFileSync(join(model, 'other'), '');
  link('LICENSE', 'other');
  expect(pathIn(model, 'LICENSE')).toBe(join(model, 'LICENSE'));
  symlinkSync(model, `${model}-link`);
  expect(pathIn(`${model}-link`, 'LICENSE')).toBe(join(`${model}-link`, 'LICENSE'));
  expect(openModelFolder(`${model}-link`).shards).toHaveLength(1);
});

test("the Hub's cache: blobs of the same model, not of another", () => {
  const [own, other] = ['models--a--own', 'models--a--other'].map((name) => {
    const blobs = at('hub', name, 'blobs');
    mkdirSync(blobs, { recursive: true });
    writeFileSync(join(blobs, 'abc'), '');
    return at('hub', name);
  }) as [string, string];
  const snapshot = join(own, 'snapshots', '1');
  mkdirSync(snapshot, { recursive: true });
  symlinkSync('../../blobs/abc', join(snapshot, 'config.json'));
  symlinkSync(join(other, 'blobs', 'abc'), join(snapshot, 'LICENSE'));
  expect(pathIn(snapshot, 'config.json')).toBe(join(snapshot, 'config.json'));
  expect(() => pathIn(snapshot, 'LICENSE')).toThrow('leads out of its folder');
});
