import { lazySet } from './code-point-set.ts';

/*
 * The classes of characters that the parts of a tokenizer ask for, each with the Unicode version of the Rust crate that the part
 * uses (docs/tokenizers.md), so that the JavaScript engine's own version does not matter.
 */

/** Rust's char::is_whitespace: the White_Space property. */
export const isWhiteSpace = lazySet('whiteSpace');

/** Rust's char::is_numeric: Nd, Nl and No, so ½ and ² too. */
export const isNumeric = lazySet('numeric');

/** ASCII punctuation and symbols, and the categories P of Unicode 8. */
export const isPunctuation = lazySet('punctuation');

/** \w of the `regex` crate. */
export const isWord = lazySet('word');

/** Combining marks that StripAccents takes out. */
export const isCombiningMark = lazySet('combiningMarks');

/** What BertNormalizer's clean_text takes out: control, format and private characters, NUL and U+FFFD. */
export const isBertControl = lazySet('bertRemoved');

/** Nonspacing marks that BertNormalizer's strip_accents takes out. */
export const isBertAccent = lazySet('bertAccents');

/** Characters that Rust's char::to_lowercase changes. */
export const hasLowercase = lazySet('lowercased');

const chineseBlocks: readonly (readonly [number, number])[] = [
  [0x4e00, 0x9fff],
  [0x3400, 0x4dbf],
  [0x20000, 0x2a6df],
  [0x2a700, 0x2b73f],
  [0x2b740, 0x2b81f],
  [0x2b920, 0x2ceaf],
  [0xf900, 0xfaff],
  [0x2f800, 0x2fa1f],
];

/** BertNormalizer's ideographs. (U+2B820 to U+2B91F are not among them: the crate says 2B920 where Unicode says 2B820.) */
export const isChinese = (codePoint: number): boolean =>
  codePoint >= 0x3400 && chineseBlocks.some(([first, last]) => codePoint >= first && codePoint <= last);

/** One character in lower case, without regard to its neighbours: no rule for a final sigma. */
export const lowercase = (character: string): string =>
  hasLowercase(character.codePointAt(0)!) ? character.toLowerCase() : character;
