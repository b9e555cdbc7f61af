import { describe, expect, test } from 'vitest';
import type { Encoding } from '../../../main/engine/tokenizer/encoding.ts';
import { readTokenizerJson } from '../../../main/engine/tokenizer/tokenizer-json.ts';
import { texts, tokenizers } from './fixtures.ts';

const offsetsOf = ({ starts, ends }: Encoding): number[] =>
  starts.flatMap((start, index) => [start, ends[index]!]);

describe.each(Object.entries(tokenizers))('%s: as the tokenizers package', (name, { json, rows }) => {
  const engine = readTokenizerJson(json, name);

  test.each(rows.map((row, index) => [texts[index]!, row] as const))('%j', (text, row) => {
    const plain = engine.encode(text, null, { addSpecialTokens: false, withOffsets: true });
    expect(plain.ids).toEqual(row.ids);
    expect(offsetsOf(plain)).toEqual(row.offsets);

    const framed = engine.encode(text, null, { addSpecialTokens: true, withOffsets: true });
    expect(framed.ids).toEqual(row.framed);
    expect(offsetsOf(framed)).toEqual(row.framedOffsets);
    expect(engine.encode(text, null, { addSpecialTokens: true, withOffsets: false }).ids).toEqual(row.framed);

    expect(engine.decode(row.framed, false)).toBe(row.decoded);
    expect(engine.decode(row.framed, true)).toBe(row.skipped);
    if (row.pair === undefined) return;
    const pair = engine.encode(text, texts[row.pair]!, { addSpecialTokens: true, withOffsets: true });
    expect(pair.ids).toEqual(row.pairIds);
    expect(pair.types).toEqual(row.pairTypes);
    expect(offsetsOf(pair)).toEqual(row.pairOffsets);
  });
});
