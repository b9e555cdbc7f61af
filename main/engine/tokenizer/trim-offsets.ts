import { unitsAt } from './aligned-text.ts';
import { byteCharacters } from './byte-alphabet.ts';
import type { Encoding } from './encoding.ts';
import { isWhiteSpace } from './unicode/classes.ts';

const spelledSpace = byteCharacters[0x20]!;

const isSpace = (character: string): boolean =>
  character === spelledSpace || isWhiteSpace(character.codePointAt(0)!);

const countWhile = (characters: readonly string[]): number => {
  const other = characters.findIndex((character) => !isSpace(character));
  return other === -1 ? characters.length : other;
};

/** So many characters further on. */
const forward = (text: string, from: number, count: number): number => {
  let at = from;
  for (let step = 0; step < count; step++) at += at < text.length ? unitsAt(text, at) : 1;
  return at;
};

/** So many characters back, or below 0 where there are not so many. */
const backward = (text: string, from: number, count: number): number => {
  let at = from;
  for (let step = 0; step < count; step++) at -= at > 1 && unitsAt(text, at - 2) === 2 ? 2 : 1;
  return at;
};

/**
 * Leaves the spaces at a token's ends out of the stretch that it comes from. The first token keeps one leading space where the
 * tokenizer puts one before a text, since the text does not have it.
 */
export const trimOffsets = (encoding: Encoding, addsPrefixSpace: boolean): Encoding => {
  const { text } = encoding;
  const starts = [...encoding.starts];
  const ends = [...encoding.ends];
  for (const [index, spelling] of encoding.spellings.entries()) {
    const characters = [...spelling];
    let leading = countWhile(characters);
    const trailing = countWhile(characters.toReversed());
    if (leading > 0) {
      const isFirst = index === 0 || starts[index] === 0;
      if (isFirst && addsPrefixSpace && leading === 1) leading = 0;
      starts[index] = Math.min(forward(text, starts[index]!, leading), ends[index]!);
    }
    const trimmed = trailing > 0 ? backward(text, ends[index]!, trailing) : -1;
    if (trimmed >= 0) ends[index] = Math.max(trimmed, starts[index]!);
  }
  return { ...encoding, starts, ends };
};
