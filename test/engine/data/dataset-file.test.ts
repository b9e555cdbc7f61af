import { describe, expect, test } from 'vitest';
import { parseDataset, readDatasetFile } from '../../../main/engine/data/files/dataset-file.ts';
import type { Dataset, Row } from '../../../main/engine/data/files/dataset-file.ts';

const parse = (name: string, text: string): Dataset => parseDataset(Buffer.from(text), name);
const rowsOf = (dataset: Dataset): Row[] => [...dataset.rows];
const linesOf = (dataset: Dataset): number[] => rowsOf(dataset).map((_, index) => dataset.lineOf(index));

describe('JSON lines', () => {
  test('rows, columns in order of appearance, lines; blank lines, CR LF and a byte order mark do no harm', () => {
    const dataset = parse('train.jsonl', '\uFEFF{"a": 1, "b": "x"}\r\n\n  {"b": "\\n", "c": null}\n');
    expect(rowsOf(dataset)).toEqual([
      { a: 1, b: 'x' },
      { b: '\n', c: null },
    ]);
    expect(linesOf(dataset)).toEqual([1, 3]);
  });

  test.each([
    [
      '{"a":1}\n{}\nhello\n',
      `train.jsonl, line 3: not JSON (Unexpected token 'h', "hello" is not valid JSON)`,
    ],
    ['{"a":1}\n[1]\n', 'train.jsonl, line 2: a row must be an object'],
    ['{"a":1}\nnull', 'train.jsonl, line 2: a row must be an object'],
    ['\n\n', 'train.jsonl: holds no rows'],
    ['', 'train.jsonl: holds no rows'],
  ])('%j', (text, message) => {
    expect(() => rowsOf(parse('train.jsonl', text))).toThrow(
      expect.objectContaining({ code: 'invalid-input', message }),
    );
  });

  test('bytes that are not UTF-8', () => {
    const bytes = Buffer.concat([Buffer.from('{"a":1}\n{"a":"'), Buffer.of(0xff), Buffer.from('"}')]);
    expect(() => rowsOf(parseDataset(bytes, 'train.jsonl'))).toThrow('train.jsonl, line 2: not UTF-8 text');
  });
});

describe('a JSON array', () => {
  test('knows the line of each element', () => {
    const dataset = parse(
      'train.json',
      '[\n  {"a": "[,{"},\n  {\n    "a": [1, {"b": 2}]\n  }, {"a": 3}\n]\n',
    );
    expect(dataset.rows.length).toBe(3);
    expect(linesOf(dataset)).toEqual([2, 3, 5]);
  });

  test('JSON lines under the name .json are taken too', () => {
    expect(linesOf(parse('train.json', '{"a":1}\n{"a":2}'))).toEqual([1, 2]);
  });

  test.each([
    ['[{"a":1},\n 2]', 'train.json, line 2: a row must be an object'],
    ['[]', 'train.json: holds no rows'],
    ['"x"', 'train.json: must hold an array of objects'],
    ['[{"a":1},', 'train.json: the list of rows is not closed: the file ends in it'],
  ])('%j', (text, message) => {
    expect(() => rowsOf(parse('train.json', text))).toThrow(message);
  });
});

describe('CSV', () => {
  test('quotes, line breaks in quotes, CR LF, blank lines, a byte order mark; lines stay right', () => {
    const dataset = parse('t.csv', '\uFEFFprompt,completion\r\n1,"x\r\ny"\r\n\r\n3,"q ""z"", w"\r\nü,\r\n');
    expect(rowsOf(dataset)).toEqual([
      { prompt: '1', completion: 'x\r\ny' },
      { prompt: '3', completion: 'q "z", w' },
      { prompt: 'ü', completion: '' },
    ]);
    expect(linesOf(dataset)).toEqual([2, 5, 6]);
  });

  test.each([
    ['a,b\n1,2\n"x\ny",2,3\n', 't.csv, line 3: has 3 fields, the header names 2 columns'],
    ['a,b\n"x\r\ny",2\r\n1\n', 't.csv, line 4: has 1 fields, the header names 2 columns'],
    ['a,b\n1,2\n1,"x\n\n', 't.csv, line 3: not CSV (a quote is opened and never closed)'],
    ['a,b\n1,x"y\n', 't.csv, line 2: not CSV (a quote within a field that does not begin with one)'],
    ['a,b\n1,"x"y\n', 't.csv, line 2: not CSV (text behind a closing quote)'],
    ['a,b,a\n1,2,3\n', 't.csv, line 1: the header names the column "a" twice'],
    [
      'a,\n1,2\n',
      't.csv, line 1: the header has a column without a name; give it one, or take it out (pandas: index=False)',
    ],
    ['a,b\n', 't.csv: holds no rows'],
    ['', 't.csv: holds no rows'],
  ])('%j', (text, message) => {
    expect(() => rowsOf(parse('t.csv', text))).toThrow(message);
  });
});

test('other kinds of file, and no file', () => {
  expect(() => parse('t.parquet', '')).toThrow(
    expect.objectContaining({
      code: 'unsupported',
      message: 't.parquet: data must be a .jsonl, .json, .csv or .tsv file',
    }),
  );
  expect(() => readDatasetFile('/nowhere/t.csv')).toThrow(
    expect.objectContaining({ code: 'not-found', message: '/nowhere/t.csv: no such file' }),
  );
});
