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

/**
 * Leaves the spaces at a token's ends out of the stretch that it comes from. The first token keeps one leading space where the
 * tokenizer puts one before a text, since the text does not have it.
 */
export function trimOffsets(encoding: Encoding, addsPrefixSpace: boolean): Encoding {
  const starts = [...encoding.starts];
  const ends = [...encoding.ends];
  for (const [index, spelling] of encoding.spellings.entries()) {
    const characters = [...spelling];
    let leading = countWhile(characters);
    const trailing = countWhile(characters.toReversed());
    if (leading > 0) {
      const isFirst = index === 0 || starts[index] === 0;
      if (isFirst && addsPrefixSpace && leading === 1) leading = 0;
      starts[index] = Math.min(starts[index]! + leading, ends[index]!);
    }
    if (trailing > 0 && ends[index]! >= trailing)
      ends[index] = Math.max(ends[index]! - trailing, starts[index]!);
  }
  return { ...encoding, starts, ends };
}
