import { constants } from 'node:buffer';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { csv } from '../../../main/engine/data/records/csv.ts';
import { memorySource } from '../../../main/engine/data/records/byte-source.ts';
import { parseJsonRow } from '../../../main/engine/data/records/json-row.ts';
import { decodeUtf8, parseJson, topLevelItemOffsets } from '../../../main/engine/formats/json-text.ts';
import { readSafetensorsHeader } from '../../../main/engine/formats/safetensors.ts';
import { temporaryDirectory } from './temporary-directory.ts';
import { refusedInTime } from '../../support/refused-in-time.ts';

const root = temporaryDirectory();

const deep = 'place: has lists or objects more than 500 deep within each other';
const nested = (opening: string, closing: string): string =>
  opening.repeat(100_000) + closing.repeat(100_000);

describe('values within values', () => {
  test.each([
    ['lists', nested('[', ']')],
    ['objects', nested('{"a":', '}').replace('}', '1}')],
    ['lists that are not closed', '['.repeat(10_000_000)],
  ])('%s', (_, text) => refusedInTime(() => parseJson(text, 'place'), deep));

  test('in a row', () => refusedInTime(() => parseJsonRow(`{"a":${nested('[', ']')}}`, 'place'), deep));
  test('in a row with a number that is kept as written', () =>
    refusedInTime(() => parseJsonRow(`{"b":1.0,"a":${nested('[', ']')}}`, 'place'), deep));

  test('brackets in a text are text', () =>
    expect(parseJson(JSON.stringify(['['.repeat(1000)]), 'place')).toEqual(['['.repeat(1000)]));
});

test('many values of few bytes', () =>
  refusedInTime(
    () => parseJson(`[${'{},'.repeat(11_000_000)}1]`, 'place'),
    'place: has more than 10,000,000 values',
  ));

test('a header of 99 MB of brackets', () => {
  const path = join(root, 'w.safetensors');
  const header = Buffer.alloc(99_000_008, '[');
  header.writeBigUInt64LE(99_000_000n, 0);
  writeFileSync(path, header);
  refusedInTime(
    () => readSafetensorsHeader(path),
    `${path}: header: has lists or objects more than 500 deep`,
  );
});

test('a name of a tensor of a million escapes', () => {
  const path = join(root, 'e.safetensors');
  const name = '"'.repeat(1_000_000);
  const json = JSON.stringify({ [name]: { dtype: 'F32', shape: [1], data_offsets: [0, 4] } });
  const header = Buffer.alloc(8 + json.length + 4);
  header.writeBigUInt64LE(BigInt(json.length), 0);
  header.write(json, 8);
  writeFileSync(path, header);
  expect([...readSafetensorsHeader(path).tensors.keys()]).toEqual([name]);
});

test('a text longer than JavaScript has is not called no UTF-8', () =>
  refusedInTime(
    () => decodeUtf8(Buffer.alloc(constants.MAX_STRING_LENGTH + 1), 'place'),
    'place: has 512 MiB of text; 511 MiB can be read at once',
  ));

test('300,000 columns', () => {
  const header = Array.from({ length: 300_000 }, (_, index) => `c${index}`).join(',');
  const source = memorySource(Buffer.from(`${header}\n${header}\n`));
  refusedInTime(
    () => csv(source, 0, 'data.csv', 'comma'),
    'data.csv, line 1: has 300,000 columns; 10,000 can be read',
  );
  const row = JSON.stringify(Object.fromEntries(header.split(',').map((name) => [name, 1])));
  refusedInTime(() => parseJsonRow(row, 'data.jsonl, line 1'), 'data.jsonl, line 1: has 300,000 columns');
});

test('keys that JavaScript knows are keys', () => {
  const text = '{"toString":1,"__proto__":{"a":2},"constructor":3,"hasOwnProperty":4}';
  const row = parseJsonRow(text, 'place');
  expect(JSON.stringify(row)).toBe(text);
  expect(({} as Record<string, unknown>)['a']).toBeUndefined();
  expect(() => parseJsonRow('{"__proto__":1,"__proto__":2}', 'place')).toThrow(
    'has the key "__proto__" twice',
  );
});

test('offsets of items', () => {
  expect(topLevelItemOffsets('{"a": [1, {"b": 2}], "c,": "d\\"]"}')).toEqual([1, 21]);
  expect(topLevelItemOffsets('[ 12, "x" ,{}, []]')).toEqual([2, 6, 11, 15]);
});
