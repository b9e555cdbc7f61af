import { describe, expect, test } from 'vitest';
import { splitPassages, splitSentences } from '../../main/sample/build/passages.ts';

const countWords = (text: string): number => text.split(/\s+/).filter((word) => word !== '').length;

describe('splitSentences', () => {
  test('cuts behind the white space and loses nothing', () => {
    const text = 'Call me Ishmael. "What?" cried he.\n\nMr. Starbuck, i.e. the mate, said no! ';
    expect(splitSentences(text)).toEqual([
      'Call me Ishmael. ',
      '"What?" ',
      'cried he.\n\n',
      'Mr. Starbuck, i.e. the mate, said no! ',
    ]);
  });
});

describe('splitPassages', () => {
  const text = Array.from({ length: 20 }, (_, index) => `This is sentence number ${index}.`).join(' ');

  test('gives passages of equal length', () => {
    const passages = splitPassages(text, 25, countWords);
    expect(passages.map(countWords)).toEqual([25, 25, 25, 25]);
    expect(passages.join(' ')).toBe(text);
  });

  test('leaves a long sentence whole, and a short text in one piece', () => {
    const long = `Short. ${'word '.repeat(60)}end. Short.`;
    expect(splitPassages(long, 10, countWords).join(' ')).toBe(long);
    expect(splitPassages('One. Two.', 100, countWords)).toEqual(['One. Two.']);
  });
});
