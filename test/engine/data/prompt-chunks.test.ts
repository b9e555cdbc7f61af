import { describe, expect, test } from 'vitest';
import { promptChunks, weightNotice } from '../../../main/engine/data/tokens/prompt-chunks.ts';
import type { Tokenizer } from '../../../main/engine/data/tokens/tokenizer.ts';

/** A letter is a token; a text stands between 100 and 101, as CLIP's does between its own two. */
const letters = (padId: number | undefined): Tokenizer => {
  const ids = (text: string): number[] => [...text].map((letter) => letter.charCodeAt(0) - 96);
  const framed = (text: string): number[] => [100, ...ids(text), 101];
  const tokenizer: Partial<Tokenizer> = {
    encode: (text, { addSpecialTokens = true } = {}) => (addSpecialTokens ? framed(text) : ids(text)),
    encodePair: (text) => ({ ids: framed(text), types: framed(text).map(() => 0) }),
    encodeWithOffsets: (text) => ({
      ids: ids(text),
      starts: ids(text).map((_, at) => at),
      ends: ids(text).map((_, at) => at + 1),
      added: ids(text).map(() => 0),
    }),
    ...(padId === undefined ? {} : { padId }),
  };
  return tokenizer as Tokenizer;
};

describe('a prompt for an encoder of six positions', () => {
  const chunk = (prompt: string, long: 'cut' | 'chunks') =>
    promptChunks(letters(0), prompt, { positions: 6, long });

  test.each(['cut', 'chunks'] as const)('that fits is framed and padded (%s)', (long) => {
    expect(chunk('abc', long)).toStrictEqual({ chunks: [[100, 1, 2, 3, 101, 0]], notice: null });
    expect(chunk('abcd', long)).toStrictEqual({ chunks: [[100, 1, 2, 3, 4, 101]], notice: null });
    expect(chunk('', long)).toStrictEqual({ chunks: [[100, 101, 0, 0, 0, 0]], notice: null });
  });

  test('that is longer is cut, and said where', () => {
    expect(chunk('abcdefg', 'cut')).toStrictEqual({
      chunks: [[100, 1, 2, 3, 4, 101]],
      notice: 'a prompt has 7 tokens, and its encoder takes 4: it was cut behind "abcd"',
    });
  });

  test('that is longer is encoded in pieces', () => {
    expect(chunk('abcdefg', 'chunks')).toStrictEqual({
      chunks: [
        [100, 1, 2, 3, 4, 101],
        [100, 5, 6, 7, 101, 0],
      ],
      notice: null,
    });
  });
});

test('a tokenizer without padding is refused', () => {
  expect(() => promptChunks(letters(undefined), 'a', { positions: 6, long: 'cut' })).toThrow(
    'names no pad_token',
  );
});

test('weights of words are told as plain text', () => {
  expect(weightNotice('a (red:1.2) cat')).toContain('"(red:1.2)" is taken as plain text');
  expect(weightNotice('a cat (sitting), 16:9, ratio (1:x)')).toBeNull();
});
