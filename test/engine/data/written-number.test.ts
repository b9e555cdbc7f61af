import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { mapLabels, readLabel } from '../../../main/engine/data/examples/class-labels.ts';
import { parseDataset } from '../../../main/engine/data/files/dataset-file.ts';
import { isWrittenFloat, scalarText } from '../../../main/engine/formats/written-number.ts';
import { fixturePath } from './fixtures.ts';

interface PythonNumber {
  source: string;
  is_int: boolean;
  str: string;
}
const numbers = JSON.parse(readFileSync(fixturePath('numbers.json'), 'utf8')) as PythonNumber[];

const rowOf = (text: string): Readonly<Record<string, unknown>> =>
  parseDataset(Buffer.from(text), 'n.jsonl').rows.at(0);

describe('numbers of a data file', () => {
  test.each(numbers)('$source', ({ source, is_int: isInt, str }) => {
    const { value } = rowOf(`{"value": ${source}, "other": [1.0, {"nested": ${source}}]}`);
    if (isInt) {
      expect(scalarText(value)).toBe(str);
      expect(['number', 'bigint']).toContain(typeof value);
    } else {
      expect(scalarText(value)).toBe(source);
      const float = isWrittenFloat(value) ? value.float : value;
      expect(float).toBe(Number(str));
      // What is no marked float must not look like an int.
      expect(typeof value === 'number' && Number.isInteger(value)).toBe(false);
    }
  });

  test('in texts are left alone', () => {
    const text = 'pi is 3.14, 12345678901234567890 is long, 1e5 and \\" 2.0 too: {"a":1}';
    expect(rowOf(JSON.stringify({ text, n: 1.5 }))).toEqual({ text, n: 1.5 });
  });

  test('as labels', () => {
    const labels = ['12345678901234567891', '12345678901234567890', '3'].map((source) =>
      readLabel(rowOf(`{"a": ${source}}`)['a'], 'here'),
    );
    expect(mapLabels(labels, { kind: 'new' }).names).toEqual([
      '3',
      '12345678901234567890',
      '12345678901234567891',
    ]);
    expect(readLabel(rowOf('{"a": 1.0}')['a'], 'here')).toBe('1');
    expect(() => readLabel(rowOf('{"a": 1.50}')['a'], 'here')).toThrow(
      'here: the label is 1.50; it should be',
    );
  });

  test.each([
    ['{"a": NaN}', 'n.jsonl, line 1: NaN is no number of JSON; write null, or leave the row out'],
    ['{"a": [-Infinity], "b": "NaN"}', 'n.jsonl, line 1: -Infinity is no number of JSON'],
    ['{"a": 1e400}', 'n.jsonl, line 1: the number 1e400 is too large; write it in quotes, as text'],
    ['{"a": 1, "a": 2}', 'n.jsonl, line 1: an object has the key "a" twice'],
    ['{"a": [{"b": 1}, {"b": 1, "c": "x: {", "\\u0062": 2}]}', 'line 1: an object has the key "b" twice'],
    ['{"a": "\\ud83d x"}', 'n.jsonl, line 1: a text has half of a surrogate pair'],
    ['{"a": "NaN"', 'n.jsonl, line 1: not JSON'],
  ])('%s', (text, message) => {
    expect(() => rowOf(text)).toThrow(message);
  });

  test('what looks like these and is fine', () => {
    expect(rowOf('{"a": "NaN: \\"a\\" \\\\", "b": {"a": "\\ud83d\\ude00"}}')).toEqual({
      a: 'NaN: "a" \\',
      b: { a: '😀' },
    });
    expect(rowOf('{"__proto__": 1, "a": {"__proto__": 1.5}}')['a']).toBeDefined();
  });
});
