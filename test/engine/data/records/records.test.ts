import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse as parseCsv } from 'csv-parse/sync';
import { afterAll, describe, expect, test } from 'vitest';
import { parseDataset, readDatasetFile } from '../../../../main/engine/data/files/dataset-file.ts';
import type { Dataset } from '../../../../main/engine/data/files/dataset-file.ts';
import { createRandom } from '../../../../main/engine/random.ts';

const folder = mkdtempSync(join(tmpdir(), 'records-'));
afterAll(() => rmSync(folder, { recursive: true }));

const parse = (name: string, text: string, mostRows?: number): Dataset =>
  parseDataset(Buffer.from(text), name, mostRows === undefined ? {} : { mostRows });

const hardTexts = ['"]},', 'ü\n', '\\"', '\\\\', '[{', 'a, b; "c"', '\r\n', '', '𝄞', "'"];
const random = createRandom(7);
const draw = (most: number): number => Math.floor(random.uniform() * most);
/** Far more than a block holds, one row alone longer than a block. */
const values = Array.from({ length: 6000 }, (_, row) =>
  Array.from({ length: row === 4000 ? 90_000 : draw(40) }, () => hardTexts[draw(hardTexts.length)]).join(''),
);
const rows = values.map((value, id) => ({ id: String(id), value }));
const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
const breaksIn = (text: string): number => text.match(/\r\n|\n/g)?.length ?? 0;

const forms: [name: string, text: string, lines: (row: number) => number][] = [
  ['lines.jsonl', rows.map((row) => JSON.stringify(row)).join('\r\n'), (row) => row + 1],
  ['gaps.jsonl', rows.map((row) => `\n ${JSON.stringify(row)}\n`).join(''), (row) => 2 * row + 2],
  ['array.json', JSON.stringify(rows, null, 2), (row) => 4 * row + 2],
  ['tight.json', `[${rows.map((row) => JSON.stringify(row)).join(' ,')}]\n\n`, () => 1],
];

describe('files of many blocks', () => {
  test.each(forms)('%s: rows and lines, in order and not', (name, text, lineOf) => {
    const dataset = parse(name, text);
    expect(dataset.rows.length).toBe(rows.length);
    let index = 0;
    for (const row of dataset.rows) {
      if (row['value'] !== values[index] || row['id'] !== String(index))
        throw new Error(`row ${index} differs`);
      if (dataset.lineOf(index) !== lineOf(index))
        throw new Error(`line ${dataset.lineOf(index)} of row ${index}`);
      index += 1;
    }
    expect(index).toBe(rows.length);
    for (const at of [5999, 0, 4000, 3999, 4001]) expect(dataset.rows.at(at)).toEqual(rows[at]);
    expect(() => dataset.rows.at(6000)).toThrow(RangeError);
  });

  test.each(['\n', '\r\n', '\r'])('CSV with lines that end in %j is as csv-parse reads it', (lineBreak) => {
    const record = ({ id, value }: (typeof rows)[number]): string => `${id},${quoted(value)}`;
    const text = ['id,"value"', ...rows.map(record), ''].join(lineBreak);
    const dataset = parse('t.csv', text);
    const expected: unknown[] = parseCsv(text, { columns: true, record_delimiter: lineBreak });
    expect(expected).toHaveLength(rows.length);
    let line = 2;
    for (const [index, row] of [...dataset.rows].entries()) {
      expect(row, `row ${index}`).toEqual(expected[index]);
      if (dataset.lineOf(index) !== line)
        throw new Error(`row ${index}: ${dataset.lineOf(index)}, not ${line}`);
      line += 1 + breaksIn(values[index]!);
    }
  });

  test('the first rows alone', () => {
    for (const [name, text] of forms) {
      const dataset = parse(name, text, 10);
      expect([...dataset.rows]).toEqual(rows.slice(0, 10));
      expect(() => dataset.rows.at(10)).toThrow(RangeError);
    }
    // What is wrong behind them is not seen.
    expect(parse('t.jsonl', `${forms[0]![1]}\nno JSON`, 10).rows.length).toBe(10);
  });
});

describe('JSON arrays are cut apart as JSON says', () => {
  test.each([
    ['[{"a":1},\n\n]', 't.json, line 3: a row is missing between two commas or behind the last'],
    ['[,{"a":1}]', 't.json, line 1: a row is missing between two commas or behind the last'],
    ['[{"a":1},,{"a":1}]', 't.json, line 1: a row is missing between two commas or behind the last'],
    ['[{"a":1}\n{"a":1}]', 't.json, line 1: not JSON'],
    ['[{"a":1}}, {"a":1}]', 't.json, line 1: not JSON'],
    ['[{"a":1}, {"a":[2}]}]', 't.json, line 1: not JSON'],
    ['[{"a":1}]\n{"a":1}', 't.json: text behind the end of the list of rows'],
    ['[{"a":"x', 't.json: the list of rows is not closed'],
  ])('%j', (text, message) => {
    expect(() => [...parse('t.json', text).rows]).toThrow(message);
  });

  test('a comma at the end of a block', () => {
    const long = `[{"a":"${'x'.repeat((1 << 18) - 10)}"},`;
    expect(() => [...parse('t.json', `${long}]`).rows]).toThrow('a row is missing');
    expect([...parse('t.json', `${long}{"a":2}]`).rows]).toHaveLength(2);
  });
});

describe('a file that changes while it is read', () => {
  const open = (name: string): { path: string; dataset: Dataset } => {
    const path = join(folder, name);
    writeFileSync(path, forms[0]![1]);
    return { path, dataset: readDatasetFile(path) };
  };

  test('is refused when it was written to', () => {
    const { path, dataset } = open('written.jsonl');
    expect(dataset.rows.at(0)).toEqual(rows[0]);
    writeFileSync(path, forms[0]![1].replaceAll('ü', 'ö'));
    expect(() => dataset.rows.at(5999)).toThrow(
      expect.objectContaining({ code: 'conflict', message: `${path}: was changed while it was being read` }),
    );
  });

  test('is refused when it was cut off or is gone', () => {
    const { path, dataset } = open('cut.jsonl');
    truncateSync(path, 100);
    expect(() => dataset.rows.at(0)).toThrow(`${path}: was changed while it was being read`);
    rmSync(path);
    expect(() => dataset.rows.at(0)).toThrow(`${path}: no such file`);
  });
});
