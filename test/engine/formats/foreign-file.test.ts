import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { memorySource } from '../../../main/engine/data/records/byte-source.ts';
import { openRecords } from '../../../main/engine/data/records/open-records.ts';
import { openModelFolder } from '../../../main/engine/formats/model-folder.ts';
import { refusedInTime } from '../../support/refused-in-time.ts';
import { writeSingleModel } from './model-fixture.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const root = temporaryDirectory();
const zip = Buffer.concat([Buffer.from('PK\u0003\u0004'), Buffer.alloc(400)]);
const pickle = Buffer.concat([Buffer.from([0x80, 2]), Buffer.alloc(400, 'c')]);
const tar = Buffer.alloc(1024);
tar.write('ustar', 257);
/** Of which a hundred megabytes would come. */
const bomb = gzipSync(Buffer.alloc(100_000_000));

const code = 'loading them can run code hidden in the file';

test.each([
  ['model.zip', zip, 'is a ZIP archive, and nothing is unpacked here; unpack it'],
  ['model.tar', tar, 'is a tar archive, and nothing is unpacked here'],
  ['model.tar.gz', bomb, 'is compressed (gzip), and nothing is unpacked here'],
  ['pytorch_model.bin', zip, code],
  ['model.pt', pickle, code],
  ['model.ckpt', zip, code],
  ['notes.txt', Buffer.from('text'), 'is a file, not a model folder'],
])('%s in the place of a model folder', (name, bytes, told) => {
  writeFileSync(join(root, name), bytes);
  refusedInTime(() => openModelFolder(join(root, name)), `${join(root, name)}: `);
  refusedInTime(() => openModelFolder(join(root, name)), told);
});

test.each([
  'pytorch_model.bin',
  'pytorch_model.bin.index.json',
  'consolidated.00.pth',
  'model.ckpt',
  'weights.pkl',
])('a folder whose weights are %s', (name) => {
  const model = writeSingleModel(join(root, `with-${name}`));
  rmSync(join(model, 'model.safetensors'));
  writeFileSync(join(model, name), pickle);
  expect(() => openModelFolder(model)).toThrow(`${join(model, name)}: weights in pickle format are refused`);
});

test.each([
  ['a ZIP archive', zip],
  ['a pickle of Python', pickle],
  ['compressed (gzip)', bomb],
])('%s under the name of safetensors', (what, bytes) => {
  const model = writeSingleModel(join(root, `named-${what}`));
  mkdirSync(model, { recursive: true });
  writeFileSync(join(model, 'model.safetensors'), bytes);
  refusedInTime(() => openModelFolder(model), `is ${what} under the name of safetensors`);
});

test.each([
  ['rows.jsonl', bomb, 'rows.jsonl: is compressed (gzip); unpack it first'],
  ['rows.jsonl.gz', bomb, 'rows.jsonl.gz: is compressed (gzip); unpack it first'],
  ['rows.zip', zip, 'rows.zip: is a ZIP archive or an Excel workbook'],
  ['rows.tar', tar, 'rows.tar: is a tar archive; unpack it first'],
  ['rows.pkl', pickle, 'rows.pkl: is a pickle of Python, which can run programs when it is read'],
  ['rows.csv', pickle, 'rows.csv: is a pickle of Python'],
  ['rows.constructor', Buffer.from('a'), 'data must be a .jsonl, .json, .csv or .tsv file'],
])('%s as data', (name, bytes, told) => {
  refusedInTime(() => openRecords(memorySource(bytes), name, undefined), told);
});
