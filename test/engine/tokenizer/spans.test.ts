import { describe, expect, test } from 'vitest';
import { readTokenizerJson } from '../../../main/engine/tokenizer/tokenizer-json.ts';
import { texts, tokenizers } from './fixtures.ts';

const rows = Array.from({ length: 25 }, (_, index) =>
  [0, 7, 13, 29, 41]
    .map((step) => texts[(index * 11 + step) % texts.length]!)
    .join(index % 2 === 0 ? '\n' : ''),
);

describe.each(Object.entries(tokenizers))('%s', (name, { json }) => {
  const engine = readTokenizerJson(json, name);
  const options = { addSpecialTokens: false, withOffsets: true };

  test('spans of rows take the ids of the whole, each once and in order', () => {
    for (const row of rows) {
      const { ids, starts, ends } = engine.encode(row, null, options);
      expect(starts.length).toBe(ids.length);
      const cut = Math.floor(row.length / 2);
      const before = ids.filter((_, index) => starts[index]! < cut);
      const behind = ids.filter((_, index) => starts[index]! >= cut);
      expect(before.length + behind.length).toBe(ids.length);
      for (const [index, start] of starts.entries()) {
        expect(start).toBeGreaterThanOrEqual(0);
        expect(ends[index]!).toBeLessThanOrEqual(row.length);
        expect(ends[index]!).toBeGreaterThanOrEqual(start);
      }
    }
  });

  test('a text encodes the same again, and with others before it', () => {
    for (const row of rows) {
      const again = engine.encode(row, null, options);
      expect(engine.encode(row, null, options)).toEqual(again);
      expect(engine.encode(row, null, { ...options, withOffsets: false }).ids).toEqual(again.ids);
    }
  });
});

test.each(['llama2', 'unigram-whole-lines', 'bert', 'wordlevel-whitespace'])(
  'a row of a megabyte, %s',
  (name) => {
    const engine = readTokenizerJson(tokenizers[name]!.json, name);
    const options = { addSpecialTokens: true, withOffsets: true };
    for (const word of ['word ', 'word']) {
      const row = word.repeat(1_000_000 / Buffer.byteLength(word));
      const { ids, ends } = engine.encode(row, null, options);
      expect(ids.length).toBeGreaterThan(0);
      expect(ends.reduce((last, end) => Math.max(last, end), 0)).toBeGreaterThan(row.length - 10);
    }
  },
  60_000,
);
