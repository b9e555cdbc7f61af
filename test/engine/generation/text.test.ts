import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadTokenizer } from '../../../main/engine/data/tokens/tokenizer.ts';
import { heldBackFrom } from '../../../main/engine/generation/text/held-back.ts';
import { createTextStream } from '../../../main/engine/generation/text/text-stream.ts';
import { root } from '../../support/paths.ts';

const tokenizer = loadTokenizer(join(root, 'main/sample/model'));

/** The pieces that a text comes in, its end flushed. */
const piecesOf = (ids: readonly number[], stop: readonly string[] = []) => {
  const stream = createTextStream(tokenizer, stop);
  const pieces: string[] = [];
  for (const id of ids) {
    pieces.push(stream.add(id));
    if (stream.stopped()) return { pieces, text: stream.text(), stopped: true };
  }
  pieces.push(stream.flush());
  return { pieces, text: stream.text(), stopped: false };
};

const texts = [
  'The whale went down, and the sea closed over it.',
  'naïve café — 10 € 日本語 emoji 👩‍👩‍👧 and 🏳️‍🌈',
  '  two  spaces\n\n\tand tabs ',
  '\ufffd is a character too',
];

describe('text as it grows', () => {
  it.each(texts)('is the whole text in the end: %j', (text) => {
    const ids = tokenizer.encode(text, { addSpecialTokens: false });
    const { pieces, text: whole } = piecesOf(ids);
    expect(whole).toBe(tokenizer.decode(ids, { skipSpecial: true }));
    expect(pieces.join('')).toBe(whole);
  });

  it('holds back the bytes of a character until it is complete', () => {
    const ids = tokenizer.encode('日本', { addSpecialTokens: false });
    expect(ids.length).toBeGreaterThan(2);
    for (const piece of piecesOf(ids).pieces) expect(piece).not.toContain('\ufffd');
  });

  it('gives bytes up that are no character', () => {
    const [first] = tokenizer.encode('日', { addSpecialTokens: false }) as [number];
    const after = tokenizer.encode(' and more', { addSpecialTokens: false });
    const { text, pieces } = piecesOf([first, ...after]);
    expect(text).toBe(tokenizer.decode([first, ...after]));
    expect(pieces.join('')).toBe(text);
  });
});

describe('stop strings', () => {
  const ids = tokenizer.encode('Answer: forty-two. Question: why?', { addSpecialTokens: false });

  it('end the text before them, though they span tokens', () => {
    const { text, pieces, stopped } = piecesOf(ids, ['two. Q']);
    expect({ text, stopped }).toEqual({ text: 'Answer: forty-', stopped: true });
    expect(pieces.join('')).toBe(text);
  });

  it('hold back nothing for good where only their beginning comes', () =>
    expect(piecesOf(ids, ['why? not']).text).toBe('Answer: forty-two. Question: why?'));

  it('of several the one that comes first counts', () =>
    expect(piecesOf(ids, ['Question', 'forty']).text).toBe('Answer: '));

  it.each([
    ['abc', ['cd'], 2],
    ['abc', ['xyz'], 3],
    ['aa', ['aab'], 0],
    ['abab', ['abac'], 2],
    ['abc', [], 3],
  ])('of %j with %j the end from %d on may become one', (text, stop, from) =>
    expect(heldBackFrom(text, stop)).toBe(from),
  );
});
