import { describe, expect, test } from 'vitest';
import { parseDataset } from '../../../../main/engine/data/files/dataset-file.ts';
import type { Row } from '../../../../main/engine/data/files/dataset-file.ts';
import type { SeparatorName } from '../../../../main/engine/data/records/separators.ts';

const read = (text: string, separator?: SeparatorName, name = 't.csv'): Row[] => [
  ...parseDataset(Buffer.from(text), name, { separator }).rows,
];

describe('the separator of a CSV file', () => {
  test.each([
    ['semicolons, with commas for decimals', 'q;a\n"1,5; 2";2,5\nx;y\n', { q: '1,5; 2', a: '2,5' }],
    ['tabs', 'q\ta\none, two\tb;c\n', { q: 'one, two', a: 'b;c' }],
    ['pipes', 'q|a\none, two|b\n', { q: 'one, two', a: 'b' }],
    ['commas, with semicolons in rows', 'q,a\nx;y,z\n', { q: 'x;y', a: 'z' }],
    ['semicolons, with commas in the header', 'q;"a, b"\n1;2\n', { q: '1', 'a, b': '2' }],
    ['commas where only they fit all rows', 'q,a;b\n1,2\n3,4;5\n', { q: '1', 'a;b': '2' }],
    ["Excel's first line", '\uFEFFsep=;\r\nq;a\r\n1;2\r\n', { q: '1', a: '2' }],
    ["Excel's first line in quotes", '"sep=|"\nq|a\n1|2\n', { q: '1', a: '2' }],
    ['a single column', 'text\nx;y\n', { text: 'x;y' }],
  ])('%s', (_, text, row) => {
    expect(read(text)[0]).toEqual(row);
  });

  test('of .tsv files is the tab', () => {
    expect(read('a;b\tc\n1\t2\n', undefined, 't.tsv')).toEqual([{ 'a;b': '1', c: '2' }]);
  });

  test('is the one that is said', () => {
    expect(read('a;b,c\n1;2,3\n', 'comma')).toEqual([{ 'a;b': '1;2', c: '3' }]);
    expect(read('a;b,c\n1;2,3\n', 'semicolon')).toEqual([{ a: '1', 'b,c': '2,3' }]);
    expect(read('text;more\nx;y\n', 'pipe')).toEqual([{ 'text;more': 'x;y' }]);
  });

  test.each([
    [
      'a;b,c\n1;2,3\n',
      't.csv, line 1: the columns could be separated by comma or by semicolon; say by which (the separator setting)',
    ],
    ['sep=#\na#b\n', 't.csv, line 1: the separator "#"; it can be comma, semicolon, tab, pipe'],
    ['sep=;\n', 't.csv: holds no rows'],
    [
      '\nsep=;\n\na;b\n1;2\n3\n',
      't.csv, line 6: has 1 fields, the header names 2 columns, separated by semicolon',
    ],
  ])('%j', (text, message) => {
    expect(() => read(text)).toThrow(message);
  });
});

describe('what is no UTF-8 text', () => {
  const utf16 = Buffer.from('\uFEFFq;a\n1;2\n', 'utf16le');
  test.each<[what: string, bytes: Buffer, problem: string]>([
    ['UTF-16', utf16, 'is text in UTF-16; save it in UTF-8'],
    ['UTF-16, big-endian', Buffer.from(utf16).swap16(), 'is text in UTF-16; save it in UTF-8'],
    ['UTF-16 without a mark', utf16.subarray(2), 'is text in UTF-16; save it in UTF-8'],
    ['gzip', Buffer.of(0x1f, 0x8b, 8, 0), 'is compressed (gzip); unpack it first'],
    ['a workbook', Buffer.from('PK\u0003\u0004\0\0'), 'is a ZIP archive or an Excel workbook'],
    ['Parquet', Buffer.from('PAR1\0'), 'is a Parquet file; write it as JSON lines first'],
    ['bytes', Buffer.from('q,a\n1,\0 and a longer text'), 'holds zero bytes, so it is no text'],
  ])('%s', (_, bytes, problem) => {
    for (const name of ['t.csv', 't.jsonl', 't.json'])
      expect(() => parseDataset(bytes, name)).toThrow(
        expect.objectContaining({
          code: 'unsupported',
          message: expect.stringContaining(`${name}: ${problem}`) as string,
        }),
      );
  });
});
